import { readFile } from 'node:fs/promises';

import { expect, expectAccessible, test, visit } from './support/test.ts';

// Vienna is an hour or two ahead of UTC.
test.use({ serverFor: 'worker', timezoneId: 'Europe/Vienna' });

/** `22 Nov 2026, 14:05:12`, as the table shows a moment in a zone. */
function shown(moment: string, timeZone: string): string {
    const options: Intl.DateTimeFormatOptions = {
        day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone,
    };
    return new Intl.DateTimeFormat('en-GB', options).format(new Date(moment));
}

test('times are shown as one likes, the head names the zone, and the browser remembers', async ({ page }) => {
    await visit(page, 'reader', '/logs?operation=Deny%20Lockbox%20Request');
    const told = await (await page.request.get('/api/v1/logs?operation=Deny%20Lockbox%20Request')).json();
    const moment: string = told.items[0].time;
    const table = page.getByRole('table', { name: 'Events', exact: true });
    const cell = table.getByRole('row').nth(1).getByRole('cell').first();
    const times = page.getByRole('combobox', { name: 'Show times' });
    await expect(table.getByRole('columnheader', { name: 'Time', exact: true })).toBeVisible();
    await expect(cell).toHaveText(/ago$/);

    await times.selectOption({ label: 'UTC' });
    await expect(table.getByRole('columnheader', { name: 'Time (UTC)', exact: true })).toBeVisible();
    await expect(cell).toHaveText(shown(moment, 'UTC'));
    // The time has room: it does not run into what stands beside it.
    const [time, next] = await Promise.all([cell.locator('time').boundingBox(), table.getByRole('row').nth(1).getByRole('rowheader').boundingBox()]);
    expect(time!.x + time!.width).toBeLessThanOrEqual(next!.x);
    await expectAccessible(page);

    await times.selectOption({ label: 'Local (Europe/Vienna)' });
    await expect(table.getByRole('columnheader', { name: 'Time (Europe/Vienna)', exact: true })).toBeVisible();
    await expect(cell).toHaveText(shown(moment, 'Europe/Vienna'));
    expect(shown(moment, 'UTC')).not.toBe(shown(moment, 'Europe/Vienna'));

    // It is a taste, not part of the question: the address stays as it is, the next visit looks the same.
    await expect(page).toHaveURL(/\/logs\?operation=Deny%20Lockbox%20Request$/);
    await page.reload();
    await expect(times).toHaveValue('local');
    await expect(cell).toHaveText(shown(moment, 'Europe/Vienna'));
});

test('two fixed times are typed and told in the zone that is shown; a file is in UTC all the same', async ({ page }) => {
    await visit(page, 'reader', '/logs');
    await page.getByRole('combobox', { name: 'Show times' }).selectOption({ label: 'UTC' });
    await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption({ label: 'Between two times…' });
    const dialog = page.getByRole('dialog', { name: 'Between two times' });
    await expect(dialog.getByText('In UTC.')).toBeVisible();
    await dialog.getByLabel('From').fill('2026-01-02T03:04');
    await dialog.getByRole('button', { name: 'Use this time' }).click();
    await expect(page).toHaveURL(/from=2026-01-02T03(:|%3A)04(:|%3A)00Z/);
    const chip = page.getByRole('list', { name: 'Filters' });
    await expect(chip).toContainText('2 Jan 2026, 03:04 UTC');
    await page.getByRole('combobox', { name: 'Show times' }).selectOption({ label: 'Local (Europe/Vienna)' });
    await expect(chip).toContainText(/2 Jan 2026, 04:04 (CET|GMT\+1)/);

    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('dialog', { name: 'Export events' }).getByRole('button', { name: 'Download' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
    expect(lines[1]).toMatch(/,\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z,/);
});

test.describe('where clocks differ by half an hour', () => {
    test.use({ timezoneId: 'America/St_Johns' });

    test('fixed times are typed and told by the clock on the wall', async ({ page }) => {
        await visit(page, 'reader', '/logs?operation=Deny%20Lockbox%20Request');
        const told = await (await page.request.get('/api/v1/logs?operation=Deny%20Lockbox%20Request')).json();
        await page.getByRole('combobox', { name: 'Show times' }).selectOption({ label: 'Local (America/St_Johns)' });
        const table = page.getByRole('table', { name: 'Events', exact: true });
        await expect(table.getByRole('columnheader', { name: 'Time (America/St_Johns)', exact: true })).toBeVisible();
        await expect(table.getByRole('row').nth(1).getByRole('cell').first()).toHaveText(shown(told.items[0].time, 'America/St_Johns'));
        await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption({ label: 'Between two times…' });
        const dialog = page.getByRole('dialog', { name: 'Between two times' });
        // In summer and in winter: the zone is two and a half hours behind UTC, or three and a half.
        await dialog.getByLabel('From').fill('2026-01-02T23:04');
        await dialog.getByLabel('To', { exact: true }).fill('2026-07-02T23:04');
        await dialog.getByRole('button', { name: 'Use this time' }).click();
        await expect(page).toHaveURL(/from=2026-01-03T02(:|%3A)34(:|%3A)00Z&to=2026-07-03T01(:|%3A)34(:|%3A)00Z/);
        await expect(page.getByRole('list', { name: 'Filters' })).toContainText(/2 Jan 2026, 23:04 .* to 2 Jul 2026, 23:04 /);
    });
});

test.describe('on another day', () => {
    test.use({ serverFor: 'test' });

    test('a relative time is worked out anew whenever the page is loaded', async ({ page, clock }) => {
        const query = 'category=data_access&from=now-7d';
        const count = async () => (await (await page.request.get(`/api/v1/logs?${query}&limit=200`)).json()).items.length as number;
        await page.clock.install();
        await visit(page, 'reader', `/logs?${query}`);
        const rows = page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
        const before = await count();
        expect(before).toBeGreaterThan(0);
        await expect(rows).toHaveCount(before + 1);
        // A link that somebody kept for eight days.
        await clock.advance({ hours: 8 * 24 });
        await page.clock.setSystemTime(Date.now() + 8 * 86_400_000);
        await visit(page, 'reader', `/logs?${query}`);
        expect(await count()).toBe(0);
        await expect(page.getByText('No event fits these filters')).toBeVisible();
        await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Last 7 days');
        await expect(page).toHaveURL(/from=now-7d/);
        // An end in the past lies before that beginning now, and is wrong; on the day of the link it did not.
        const end = new Date(Date.now() - 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
        await page.goto(`/logs?${query}&to=${end}`);
        await expect(page.getByRole('button', { name: /^Remove filter to: .* Lies before the beginning, now-7d\.$/ })).toBeVisible();
    });
});
