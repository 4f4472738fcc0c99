import type { Page } from '@playwright/test';

import { expect, NAMES, signInByCall, test, visit } from './support/test.ts';

const rows = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' });

async function addFilter(page: Page, typed: string): Promise<void> {
    await page.getByRole('button', { name: 'Add filter' }).click();
    const field = page.getByRole('combobox', { name: 'Filter by' });
    await expect(field).toBeFocused();
    await field.fill(typed);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
}

test.describe('looking', () => {
    test.use({ serverFor: 'worker' });

    test('newest first; chips add, combine and go with one key; Back undoes', async ({ page, another }) => {
        await visit(page, 'reader', '/logs');
        await expect(rows(page).nth(1)).toBeVisible();
        const times = await page.getByRole('table', { name: 'Events', exact: true }).locator('time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime') ?? ''));
        expect(times).toEqual([...times].sort().reverse());

        await addFilter(page, 'outcome refused');
        await expect(page).toHaveURL(/outcome=refused/);
        await expect(rows(page).nth(1)).toContainText('Refused');
        await expect(rows(page).filter({ hasText: 'Success' })).toHaveCount(0);
        await addFilter(page, 'environment patient');
        await expect(page).toHaveURL(/environment_id=env_records/);
        await expect(chips(page).getByRole('button', { name: /^Remove filter/ })).toHaveCount(2);
        await expect(rows(page).nth(1)).toContainText('Patient records');

        const other = await another();
        await visit(other, 'approver', page.url());
        await expect(chips(other).getByRole('button', { name: 'Remove filter Outcome: Refused' })).toBeVisible();
        await expect(rows(other).nth(1)).toHaveText((await rows(page).nth(1).textContent()) ?? '');

        await page.goBack();
        await expect(page).not.toHaveURL(/environment_id/);
        await chips(page).getByRole('button', { name: 'Remove filter Outcome: Refused' }).press('Delete');
        await expect(page).toHaveURL(/\/logs$/);
        await expect(rows(page).filter({ hasText: 'Success' }).first()).toBeVisible();
    });

    test('search, time and operation; nothing fits says what stands in the way', async ({ page }) => {
        await visit(page, 'reader', '/logs');
        await addFilter(page, 'event deny');
        await expect(page).toHaveURL(/operation=Deny/);
        await expect(rows(page).nth(1)).toContainText('Deny Lockbox Request');
        await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption({ label: 'Last 28 days' });
        await expect(page).toHaveURL(/from=now-28d/);
        await expect(rows(page)).toHaveCount(2);
        const line = page.getByRole('searchbox', { name: 'Search events' });
        await line.press('End');
        await line.pressSequentially(' zzzzzz');
        await expect(page).toHaveURL(/q=zzzzzz/);
        await expect(page.getByText('No event fits these filters')).toBeVisible();
        await page.getByRole('link', { name: 'Drop all' }).click();
        await expect(rows(page).nth(5)).toBeVisible();
    });

    test('a row opens to everything that was recorded, and leads to its request', async ({ page }) => {
        await visit(page, 'reader', '/logs?outcome=refused&category=data_access');
        const open = rows(page).nth(1).getByRole('button').first();
        await expect(open).toHaveAttribute('aria-expanded', 'false');
        await open.press('Enter');
        await expect(open).toHaveAttribute('aria-expanded', 'true');
        await expect(page).toHaveURL(/event=evt_/);
        const details = rows(page).nth(2);
        for (const name of ['Event id', 'Sequence', 'Actor', 'Correlation id', 'Outcome', 'Category']) await expect(details).toContainText(name);
        await page.reload();
        await expect(rows(page).nth(2)).toContainText('Correlation id');
        await details.getByRole('link', { name: /^lbx_/ }).click();
        await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
    });

    test('from a data access to the approval in two clicks, whichever request was approved and used', async ({ page }) => {
        await visit(page, 'reader', '/logs?category=data_access');
        const approved = await (await page.request.get('/api/v1/lockbox-requests?view=used&status=approved&limit=200')).json();
        expect(approved.items.length).toBeGreaterThan(1);
        for (const { id, decision } of approved.items) {
            await page.goto(`/logs?category=data_access&request_id=${id}`);
            await page.getByRole('table', { name: 'Events', exact: true }).locator('.c-table__link').first().click();
            await page.locator('.c-logs__details').getByRole('link', { name: /^lbx_/ }).click();
            await expect(page.getByRole('heading', { level: 1 })).toContainText(id);
            await expect(page.getByRole('main')).toContainText(decision.justification);
            await expect(page.getByRole('main')).toContainText(decision.by);
        }
    });

    test('a member gets no log, neither the page nor the rows', async ({ page }) => {
        await visit(page, 'member', '/logs');
        await expect(page.getByText('Not for your roles')).toBeVisible();
        expect((await page.request.get('/api/v1/logs')).status()).toBe(403);
    });
});

test('live: new events come in by themselves, in the filter only', async ({ page, provider, request }) => {
    await visit(page, 'reader', '/logs');
    await page.getByRole('switch', { name: 'Live' }).click();
    await expect(page).toHaveURL(/live=1/);
    const raised = await provider.raise();
    await expect(rows(page).filter({ hasText: 'Create Lockbox Request' }).filter({ hasText: /just now|\d+ s/ }).first()).toBeVisible();
    await page.goto(`/logs?request_id=${raised.id}&operation=${encodeURIComponent('Approve Lockbox Request')}&live=1`);
    await expect(page.getByText('No event fits these filters')).toBeVisible();
    await signInByCall(request, 'approver');
    const etag = (await request.get(`/api/v1/lockbox-requests/${raised.id}`)).headers()['etag'] ?? '';
    const approved = await request.post(`/api/v1/lockbox-requests/${raised.id}/approve`, {
        data: { justification: 'Live.' },
        headers: { 'X-Lockbox-Request': '1', 'If-Match': etag },
    });
    expect(approved.status()).toBe(200);
    await expect(rows(page).nth(1)).toContainText('Approve Lockbox Request');
    await expect(rows(page).nth(1)).toContainText(NAMES.approver);
});
