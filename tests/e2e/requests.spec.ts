import { expect, test, visit } from './support/test.ts';

test.use({ serverFor: 'worker' });

const COLUMNS = ['Support request ID', 'Environment', 'Status', 'Requested', 'Request expiration', 'Access period', 'Access expiration'];

test('three tabs, seven columns, real rows', async ({ page }) => {
    await visit(page, 'reader', '/requests');
    const table = page.getByRole('table', { name: 'Requests' });
    await expect(table.getByRole('columnheader')).toHaveText(COLUMNS);
    const pending = table.getByRole('row').filter({ hasText: '2611210050001234' });
    await expect(pending).toContainText('Payroll');
    await expect(pending).toContainText('Action needed');
    await expect(pending).toContainText('4 hours');
    await expect(pending.getByRole('timer')).toHaveText(/\d:\d\d/);

    await page.getByRole('link', { name: 'Recent (28 days)' }).click();
    await expect(page).toHaveURL(/\/requests\?view=recent$/);
    await expect(table.getByRole('row').filter({ hasText: 'Denied' })).toHaveCount(1);
    // What is older than 28 days stands under All alone.
    await expect(table.getByRole('row').filter({ hasText: '2610110050001102' })).toHaveCount(0);
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await expect(page).toHaveURL(/\/requests\?view=all$/);
    await expect(table.getByRole('row').filter({ hasText: '2610110050001102' })).toHaveCount(1);
    for (const word of ['Approved', 'Denied', 'Expired', 'Not required', 'Action needed']) {
        await expect(table.getByText(word, { exact: true }).first()).toBeVisible();
    }
});

test('filters live in the address, Back undoes them, a link shows the same rows', async ({ page, another }) => {
    await visit(page, 'approver', '/requests?view=all');
    const rows = page.getByRole('table', { name: 'Requests' }).getByRole('row');
    await expect(rows.filter({ hasText: 'Claims warehouse' }).first()).toBeVisible();
    await page.getByRole('combobox', { name: 'Environment' }).selectOption({ label: 'Payroll' });
    await expect(page).toHaveURL(/environment=env_payroll/);
    await expect(rows.filter({ hasText: 'Claims warehouse' })).toHaveCount(0);
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Denied' });
    await expect(page).toHaveURL(/status=denied/);
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText('2611170050003041');

    const other = await another();
    await visit(other, 'reader', page.url());
    await expect(other.getByRole('table', { name: 'Requests' }).getByRole('row').nth(1)).toContainText('2611170050003041');
    await expect(other.getByRole('combobox', { name: 'Environment' })).toHaveValue('env_payroll');

    await page.goBack();
    await expect(page).not.toHaveURL(/status=/);
    await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
    await expect(rows.filter({ hasText: 'Approved' }).first()).toBeVisible();
    await page.goBack();
    await expect(page).toHaveURL(/\/requests\?view=all$/);
    await expect(rows.filter({ hasText: 'Claims warehouse' }).first()).toBeVisible();
});

test('the search finds a ticket number, and says when there is nothing', async ({ page }) => {
    await visit(page, 'approver', '/requests?view=all');
    const search = page.getByRole('searchbox', { name: 'Search requests' });
    await search.fill('2611170050003041');
    await expect(page).toHaveURL(/q=2611170050003041/);
    await expect(page.getByRole('table', { name: 'Requests' }).getByRole('row')).toHaveCount(2);
    await search.fill('no such thing');
    await expect(page.getByText('No request matches')).toBeVisible();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(page.getByRole('table', { name: 'Requests' }).getByRole('row').nth(5)).toBeVisible();
});

test('a member finds the way to support requests instead', async ({ page }) => {
    await visit(page, 'member', '/');
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await expect(navigation.getByRole('link', { name: 'Support requests', exact: true })).toBeVisible();
    // Of requests they see those raised for their own support requests: none here.
    expect(await (await page.request.get('/api/v1/lockbox-requests?view=all')).json()).toMatchObject({ items: [] });
    expect((await page.request.get('/api/v1/logs')).status()).toBe(403);
});

test('unknown query parameters and fields are refused by the server', async ({ page }) => {
    await visit(page, 'approver', '/');
    for (const query of ['viewe=all', 'limit=201', 'limit=0', 'status=lost', 'from=yesterday']) {
        const refused = await page.request.get(`/api/v1/lockbox-requests?${query}`);
        expect([400, 422], query).toContain(refused.status());
        expect(refused.headers()['content-type'], query).toContain('application/problem+json');
        expect(JSON.stringify(await refused.json()), query).toContain(query.split('=')[0]);
    }
});

test.describe('with the clock set', () => {
    test.use({ serverFor: 'test' });

    test('Recent holds what was asked for in the last 28 days, and nothing older', async ({ page, provider, clock }) => {
        const { id } = await provider.raise({ justification: 'Asked for on the first day.' });
        const row = page.getByRole('table', { name: 'Requests' }).getByRole('row').filter({ has: page.locator(`a[href="/requests/${id}"]`) });
        const recent = async () => {
            // Sessions do not last that long.
            await visit(page, 'reader', '/requests?view=recent');
            await expect(page.getByRole('status').filter({ hasText: /that is all$/ })).toBeVisible();
        };
        await provider.raise({ justification: 'So that there is something else.' });
        await clock.advance({ hours: 27 * 24 });
        const later = await provider.raise({ justification: 'Asked for weeks later.' });
        await recent();
        await expect(row).toHaveCount(1);
        await clock.advance({ hours: 2 * 24 });
        await recent();
        await expect(page.getByRole('table', { name: 'Requests' }).locator(`a[href="/requests/${later.id}"]`)).toHaveCount(1);
        await expect(row).toHaveCount(0);
        await page.getByRole('link', { name: 'All', exact: true }).click();
        await expect(row).toHaveCount(1);
    });
});

test('the column Access expiration says of an access that was ended early that it ended', async ({ page }) => {
    await visit(page, 'reader', '/requests?view=all');
    const { items } = (await (await page.request.get('/api/v1/lockbox-requests?view=all&limit=50')).json()) as { items: { id: string; access: { state: string } }[] };
    for (const [state, words] of [['revoked', /^Ended .+ ago$/], ['completed', /^Ended .+ ago$/], ['lapsed', /^\d+ .+ ago$/]] as const) {
        const id = items.find((one) => one.access.state === state)?.id;
        expect(id, state).toBeTruthy();
        const row = page.getByRole('row').filter({ has: page.locator(`a[href="/requests/${id}"]`) });
        await expect(row.getByRole('cell').last(), state).toHaveText(words);
    }
});
