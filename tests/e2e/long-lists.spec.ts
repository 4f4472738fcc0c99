import type { Page } from '@playwright/test';

import { expect, expectAccessible, type Provider, signInByCall, test, visit } from './support/test.ts';

/** More than Overview shows of the accesses that are open, which is 50. */
const OPEN = 61;
/** More than a list of environments holds at once, which is 200. */
const ENVIRONMENTS = 223;

const card = (page: Page, name: string | RegExp) => page.getByRole('region', { name });

/** How many rows a list has in all, counted part by part. */
async function count(page: Page, path: string): Promise<number> {
    let rows = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
        const answer = await page.request.get(path, { params: { limit: '90', ...(cursor === '' ? {} : { cursor }) } });
        const part = (await answer.json()) as { items: unknown[]; next_cursor: string | null };
        rows += part.items.length;
        cursor = part.next_cursor ?? null;
    }
    return rows;
}

/** Environments named `Depot 000`, `Depot 001` … beside those of the demo. */
async function addDepots(provider: Provider): Promise<void> {
    for (let at = 0; at < ENVIRONMENTS; at += 20) {
        const part = Array.from({ length: Math.min(20, ENVIRONMENTS - at) }, (_, within) => String(at + within).padStart(3, '0'));
        const answers = await Promise.all(part.map((number) => provider.call('PUT', `/organizations/org_meridian/environments/env_depot${number}`, {
            name: `Depot ${number}`, service: 'azure-sql-database', region: 'West Europe',
        })));
        expect(answers.map(({ status }) => status)).toEqual(part.map(() => 201));
    }
}

test('Overview says how much open access it leaves out, and leads to all of it', async ({ page, provider }) => {
    await Promise.all(Array.from({ length: OPEN }, (_, at) => provider.raise({
        environment_id: 'env_sandbox', service_request_id: '2611210010009912', justification: `Open at once, number ${at}.`,
    })));
    await visit(page, 'approver', '/');
    const open = card(page, 'Access that is open now');
    await expect(open.getByRole('listitem')).toHaveCount(50);
    const all = await count(page, '/api/v1/lockbox-requests?view=active');
    expect(all).toBeGreaterThanOrEqual(OPEN);
    await expect(open).toContainText(`50 of ${all} shown.`);
    await open.getByRole('link', { name: 'Show all' }).click();
    await expect(page).toHaveURL(/\/requests\?view=active$/);
    await expect(page.getByRole('status').filter({ hasText: 'Only: access is open now' })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'requests shown' })).toHaveText('50 requests shown');
    await page.getByRole('button', { name: 'Load more' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'requests shown' })).toHaveText(`${all} requests shown, that is all`);
    await expect(page.getByRole('table', { name: 'Requests' }).locator('tbody tr')).toHaveCount(all);
});

test('more waits than is read at once: the numbers are those of the server', async ({ page, provider }) => {
    test.slow();
    for (let round = 0; round < 5; round += 1) {
        await Promise.all(Array.from({ length: 42 }, (_, at) => provider.raise({ justification: `Waits, number ${round}-${at}.` })));
    }
    await visit(page, 'approver', '/');
    const all = await count(page, '/api/v1/lockbox-requests?view=pending');
    expect(all).toBeGreaterThan(205);
    const waiting = card(page, `Waiting for a decision (${all})`);
    await expect(waiting).toContainText(`200 of ${all} shown.`);
    await expect(waiting.getByRole('listitem')).toHaveCount(200);
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Requests', exact: true });
    await expect(link).toHaveAttribute('title', new RegExp(`^${all} waiting for a decision`));
    await waiting.getByRole('link', { name: 'Show all' }).click();
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();

    // Before saving, the administrator is told of all that would have been treated differently, too.
    await visit(page, 'administrator', '/administration');
    await page.getByRole('radio', { name: 'No environments' }).check();
    await page.getByRole('button', { name: 'Review changes' }).click();
    const told = page.getByRole('group', { name: 'What would change' });
    await expect(told.getByRole('heading', { name: /^Waiting requests \(/ })).toHaveText(`Waiting requests (${all})`);
    await expect(told).toContainText(`200 of ${all} shown`);
});

test('every environment can be found and chosen, however many there are', async ({ page, provider }) => {
    test.slow();
    await addDepots(provider);
    const last = `Depot ${ENVIRONMENTS - 1}`;
    const id = `env_depot${ENVIRONMENTS - 1}`;
    await provider.call('PUT', `/organizations/org_meridian/environments/${id}`, { name: last, service: 'azure-sql-database', region: 'West Europe' });
    await signInByCall(page.request, 'approver');
    const all = await count(page, '/api/v1/environments');

    // Overview counts all of them, names the first and opens the others.
    await page.goto('/');
    const protection = card(page, 'Protection');
    const bare = protection.getByRole('heading', { name: /^Not protected \(/ });
    const covered = protection.getByRole('heading', { name: /^Protected \(/ });
    await expect(bare).toBeVisible();
    const number = async (heading: typeof bare) => Number(/\((\d+)\)/.exec((await heading.textContent()) ?? '')?.[1]);
    expect((await number(bare)) + (await number(covered))).toBe(all);
    await expect(protection.getByText(last)).toBeHidden();
    await protection.getByText(/^20 of \d+ shown. Show all$/).click();
    await expect(protection.getByText(last)).toBeVisible();

    // The list of requests.
    await page.goto('/requests?view=all');
    const search = page.getByRole('searchbox', { name: 'Search environments' });
    const choice = page.getByRole('combobox', { name: 'Environment' });
    await expect(page.getByText(`200 of ${all} environments listed.`)).toBeVisible();
    await expect(choice.getByRole('option', { name: last })).toHaveCount(0);
    await search.fill(last);
    await expect(page.getByText('1 environment matches.')).toBeVisible();
    await choice.selectOption({ label: last });
    await expect(page).toHaveURL(new RegExp(`environment=${id}`));
    await expect(page.getByText('No request matches')).toBeVisible();
    // Also after another search and after a reload, what is chosen is what stands there.
    await search.fill('Depot 00');
    await expect(page.getByText('10 environments match.')).toBeVisible();
    await expect(choice).toHaveValue(id);
    await expect(choice.locator('option:checked')).toHaveText(last);
    await page.reload();
    await expect(choice.locator('option:checked')).toHaveText(last);
    await expectAccessible(page);

    // Opening a support request, which approvers don't.
    await signInByCall(page.request, 'administrator');
    await page.goto('/service-requests?new=1');
    const form = page.getByRole('dialog');
    await form.getByRole('searchbox', { name: 'Search environments' }).fill(last);
    await expect(form.getByText('1 environment matches.')).toBeVisible();
    await form.getByRole('combobox', { name: 'Environment' }).selectOption(id);
    await form.getByRole('textbox', { name: 'Title' }).fill('The last of the depots');
    await form.getByRole('textbox', { name: 'Description' }).fill('It is the two hundredth and more.');
    await form.getByRole('button', { name: 'Open support request' }).click();
    await expect(page).toHaveURL(/\/service-requests\/[^?]+$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The last of the depots');
    await expect(page.getByRole('main').getByText(last).first()).toBeVisible();

    // Find.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find and go' }).fill(last);
    await expect(page.getByRole('option', { name: new RegExp(`^${last}`) })).toBeVisible();
});
