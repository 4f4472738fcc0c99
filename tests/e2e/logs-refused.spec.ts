import type { Page } from '@playwright/test';

import { exampleRequest, expect, expectAccessible, type Provider, test, visit } from './support/test.ts';

const rows = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
const openers = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).locator('.c-table__link');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' });
const line = (page: Page) => page.getByRole('searchbox', { name: 'Search events' });
const exportButton = (page: Page) => page.getByRole('button', { name: 'Export', exact: true });
const wrongOutcome = (page: Page) => chips(page).getByRole('button', { name: 'Remove filter outcome: maybe. Use one of' });

/** Access without a request, with one action whose statement is this. */
async function run(provider: Provider, statement: string): Promise<string> {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    const answer = await provider.call('POST', `/grants/${raised.access.grant_id}/actions`, {
        actions: [{
            id: 'a-1', time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox', target: 'payroll.dbo.Pay',
            statement, rows: 1, outcome: 'success',
        }],
    });
    expect(answer.status).toBe(200);
    return raised.id;
}

test('a name that fits too many is told at its chip, what was typed stays, and no other rows stand below', async ({ page, provider }) => {
    for (let at = 0; at < 52; at += 1) {
        await provider.raise({ engineer: { ...(exampleRequest().engineer as object), id: `eng-9${at}`, name: `Engineer 9${at}` } });
    }
    await visit(page, 'reader', '/logs?category=activity');
    await expect(rows(page).nth(1)).toBeVisible();
    await line(page).fill('category:activity actor:engineer actor:"Engineer 951"');
    await page.keyboard.press('Enter');
    const chip = chips(page).getByRole('button', { name: 'Remove filter Actor: engineer. Too many names have a word that begins with “engineer”.' });
    await expect(chip).toBeVisible();
    await expect(chips(page).getByRole('button', { name: 'Remove filter Actor: Engineer 951', exact: true })).toBeVisible();
    await expect(line(page)).toHaveValue('category:activity actor:engineer actor:"Engineer 951"');
    await expect(page.getByText('This may be out of date')).toHaveCount(0);
    await expect(rows(page)).toHaveCount(0);
    await expect(page).toHaveURL(/actor=engineer&actor=/);
    // A file would hold something else than what was asked for.
    await expect(exportButton(page)).toHaveAttribute('aria-disabled', 'true');
    await expect(exportButton(page)).toHaveAccessibleDescription(/^Part of the filter can’t be read/);
    await expectAccessible(page);
    // The same by its link, and without the piece the rows are there.
    await page.reload();
    await expect(chip).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
    await chip.click();
    await expect(page).not.toHaveURL(/actor=engineer&/);
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).nth(1)).toContainText('Engineer 951');
    await expect(chips(page).locator('.c-chip--bad')).toHaveCount(0);
    await expect(exportButton(page)).not.toHaveAttribute('aria-disabled', 'true');
    // Asked for again, it is asked of the server again.
    await page.goBack();
    await expect(chip).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
});

test('rows of another filter never stand in the place of those that could not be read', async ({ page }) => {
    await visit(page, 'reader', '/logs');
    await expect(rows(page).nth(1)).toBeVisible();
    const problem = { type: '/problems/unavailable', title: 'Not available right now', status: 503, detail: 'Busy.', instance: '' };
    await page.route('**/api/v1/logs?*outcome=refused*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem }));
    await line(page).fill('outcome:refused ');
    await page.keyboard.press('Enter');
    await expect(page.getByText('The log could not be read')).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
    // Nor on the way back from another page.
    await page.getByRole('navigation').getByRole('link', { name: 'History' }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('History');
    await page.goBack();
    await expect(page.getByText('The log could not be read')).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
    await page.unroute('**/api/v1/logs?*outcome=refused*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(rows(page).nth(1)).toContainText('Refused');
    await expect(page.getByText('The log could not be read')).toHaveCount(0);
});

test('with a piece in the address that can not be read, Export is off and says why', async ({ page }) => {
    await visit(page, 'reader', '/logs?category=data_access&outcome=maybe');
    await expect(wrongOutcome(page)).toBeVisible();
    await expect(exportButton(page)).toHaveAttribute('aria-disabled', 'true');
    await expect(exportButton(page)).toHaveAccessibleDescription(/^Part of the filter can’t be read/);
    await exportButton(page).click({ force: true });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await wrongOutcome(page).click();
    await exportButton(page).click();
    await expect(page.getByRole('dialog', { name: 'Export events' })).toBeVisible();
});

test('words are offered to be left out only where they are all of the text', async ({ page, provider }) => {
    const whole = await run(provider, 'SELECT deadlock FROM locks');
    const cut = await run(provider, `SELECT ${'pay_run, '.repeat(40)} FROM pay`);
    // A piece that can not be searched for is left out of the search as well.
    const without = await run(provider, 'SELECT a* FROM pay');
    for (const [id, not] of [[whole, 1], [cut, 0], [without, 0]] as const) {
        await visit(page, 'reader', `/logs?request_id=${id}&category=data_access`);
        await openers(page).first().press('Enter');
        const statement = page.locator('.c-logs__fact', { hasText: 'Statement' });
        await expect(statement.getByRole('button', { name: /^Only with these words/ })).toHaveCount(1);
        await expect(statement.getByRole('button', { name: /^Not with these words/ })).toHaveCount(not);
    }
});

test('one more text to leave out than there may be is told', async ({ page }) => {
    const ten = Array.from({ length: 10 }, (_, at) => `not_q=nothing${at}`).join('&');
    await visit(page, 'reader', `/logs?category=data_access&${ten}`);
    await openers(page).first().press('Enter');
    const target = page.locator('.c-logs__fact', { hasText: 'Target' });
    await target.getByRole('button', { name: /^Not with these words/ }).click();
    await expect(page.getByRole('status').filter({ hasText: 'At most 10 texts can be left out at a time.' })).toBeVisible();
    await expect(chips(page).getByRole('button', { name: /^Remove filter Search: not / })).toHaveCount(10);
});

test('while the connection is lost, what needs the server is off and says why', async ({ page, context }) => {
    const why = 'The connection is lost. This works again when it is back.';
    await visit(page, 'reader', '/logs');
    await expect(rows(page).nth(1)).toBeVisible();
    await expect(exportButton(page)).not.toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('button', { name: 'Views' }).click();
    const views = page.getByRole('dialog', { name: 'Saved views' });
    await views.getByRole('textbox', { name: 'Name', exact: true }).fill('On the train');
    const save = views.getByRole('button', { name: 'Save view' });
    await context.setOffline(true);
    await expect(save).toHaveAccessibleDescription(why);
    await expect(save).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('Escape');
    await expect(views).toHaveCount(0);
    await expect(exportButton(page)).toHaveAccessibleDescription(why);
    await expect(exportButton(page)).toHaveAttribute('aria-disabled', 'true');
    await context.setOffline(false);
    await expect(exportButton(page)).not.toHaveAttribute('aria-disabled', 'true');
});
