import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { Cutting } from './support/cutting.ts';
import { expect, expectAccessible, expectAccessibleInBoth, type Provider, test as base, visit } from './support/test.ts';

/** Only this filter: nothing that the test does itself, such as exporting, adds to it. */
const FILTER = 'category=data_access&operation=ExecuteSqlViaLockbox';

const test = base.extend<{ cutting: Cutting }>({
    // What a browser says of a connection that broke is no fault of the page.
    allowedConsole: [/Failed to load resource|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION/],
    cutting: async ({ server }, use) => {
        const cutting = await Cutting.start(server.url, '/api/v1/logs/export?');
        await use(cutting);
        await cutting.dispose();
    },
    baseURL: async ({ cutting }, use) => use(cutting.url),
});

const rows = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Export events' });
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click();
const share = async (where: Locator) => Number(/(\d+) %/.exec((await where.textContent()) ?? '')?.[1]);

/** Actions with texts in which a file is easily taken apart wrongly. */
async function act(provider: Provider, count: number): Promise<void> {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    const actions = Array.from({ length: count }, (_, at) => ({
        id: `a-${at}`,
        time: new Date().toISOString(),
        engineer_id: 'eng-417',
        operation: 'ExecuteSqlViaLockbox',
        target: `payroll.dbo."Row, ${at}"\r\n=1+1`,
        statement: `SELECT '${at} "é", 😀'\nFROM\tdbo.Pay -- ${'x'.repeat(at % 90)}`,
        rows: at,
        outcome: 'success',
    }));
    for (let at = 0; at < actions.length; at += 200) {
        const answer = await provider.call('POST', `/grants/${raised.access.grant_id}/actions`, { actions: actions.slice(at, at + 200) });
        expect(answer.status).toBe(200);
    }
}

/** Begins an export in a page that has counted the events. */
async function begin(page: Page, format: string): Promise<void> {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect(dialog(page)).toContainText(/lets through: \d+ events/);
    await dialog(page).getByRole('radio', { name: format, exact: true }).check();
    await press(page, 'Download');
}

/** The same export without an interruption, past the portal. */
async function whole(page: Page, format: string): Promise<Buffer> {
    const answer = await page.request.get(`/api/v1/logs/export?${FILTER}&format=${format}`);
    expect(answer.status()).toBe(200);
    return answer.body();
}

for (const [name, format] of [['CSV', 'csv'], ['NDJSON', 'ndjson']] as const) {
    test(`${name}: a broken export goes on, twice, and the file is the same as in one go`, async ({ page, provider, cutting }) => {
        await act(provider, 600);
        await visit(page, 'administrator', `/logs?${FILTER}`);
        const wanted = await whole(page, format);
        cutting.after(Math.floor(wanted.length * 0.3) + 7, Math.floor(wanted.length * 0.4) + 3);
        await begin(page, name);
        const bar = dialog(page).getByRole('progressbar');
        await expect(dialog(page)).toContainText(/[23]\d %, \d+ events, [\d.]+ [KM]B received/);
        expect(Number(await bar.getAttribute('value'))).toBe(await share(dialog(page)));
        cutting.cut();
        await expect(dialog(page)).toContainText('The connection broke');
        await expect(dialog(page)).toContainText(/[23]\d %, \d+ events, .* received, and kept/);
        await expect(dialog(page).getByRole('radio')).toHaveCount(0);
        await expectAccessible(page);

        await press(page, 'Go on');
        await expect(dialog(page)).toContainText(/[67]\d %, \d+ events, .* received/);
        cutting.cut();
        await expect(dialog(page)).toContainText(/[67]\d %, \d+ events, .* received, and kept/);
        const saved = page.waitForEvent('download');
        await press(page, 'Go on');
        const file = await readFile(await (await saved).path());
        expect(file.equals(wanted), `${file.length} bytes saved, ${wanted.length} in one go`).toBe(true);
        const told = await (await page.request.get(`/api/v1/logs/summary?${FILTER}`)).json();
        await expect(dialog(page)).toContainText(`Saved: ${told.total} events`);
        await expect(dialog(page)).toContainText('It came over 3 connections. The last of them is what the log says was sent');
        await expect(dialog(page)).toContainText(createHash('sha256').update(wanted).digest('hex'));
        // Each connection is on record by its own range: the last three make one file.
        const log = await (await page.request.get('/api/v1/logs?operation=Export')).json();
        type Range = { from_sequence: number; to_sequence: number };
        const ranges: Range[] = log.items.map((event: { details: Range }) => event.details).reverse();
        expect(ranges).toHaveLength(4);
        const [, first, second, third] = ranges;
        expect([first?.from_sequence, second?.to_sequence, third?.to_sequence]).toEqual([1, first?.to_sequence, first?.to_sequence]);
        expect(second?.from_sequence).toBeGreaterThan(1);
        expect(third?.from_sequence).toBeGreaterThan(second?.from_sequence ?? 0);
    });
}

test('while the server is away going on fails and keeps what came; later it goes on', async ({ page, provider, server, cutting }) => {
    await act(provider, 300);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    const wanted = await whole(page, 'csv');
    cutting.after(Math.floor(wanted.length / 2));
    await begin(page, 'CSV');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received/);
    await server.kill();
    cutting.cut();
    await expect(dialog(page)).toContainText(/[45]\d %, .* received, and kept/);
    await press(page, 'Go on');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received, and kept/);
    await server.resume();
    const saved = page.waitForEvent('download');
    await press(page, 'Go on');
    expect((await readFile(await (await saved).path())).equals(wanted)).toBe(true);
});

test('stopped after it broke, nothing is saved; another begins from the start', async ({ page, provider, cutting }) => {
    await act(provider, 300);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    const wanted = await whole(page, 'ndjson');
    cutting.after(Math.floor(wanted.length / 2));
    await begin(page, 'NDJSON');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received/);
    cutting.cut();
    await expect(dialog(page)).toContainText('The connection broke');
    await press(page, 'Stop');
    await expect(dialog(page)).toContainText('Nothing was saved');
    await expect(dialog(page)).toContainText('You stopped it. The log says what was sent until the connection broke.');
    const saved = page.waitForEvent('download');
    await press(page, 'Download');
    expect((await readFile(await (await saved).path())).equals(wanted)).toBe(true);
    await expect(dialog(page)).toContainText('SHA-256 of the file, as the log has it:');
});

test('a Parquet file has to begin anew, and the dialog says so', async ({ page, provider, cutting }) => {
    await act(provider, 300);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    const wanted = await whole(page, 'parquet');
    cutting.after(Math.floor(wanted.length / 2));
    await begin(page, 'Parquet');
    await expect(dialog(page)).toContainText(/\d KB received/);
    cutting.cut();
    await expect(dialog(page)).toContainText('can’t be put together from parts: it has to begin anew.');
    await expect(dialog(page).getByRole('button', { name: 'Go on' })).toHaveCount(0);
    await expectAccessible(page);
    const saved = page.waitForEvent('download');
    await press(page, 'Begin anew');
    expect((await readFile(await (await saved).path())).equals(wanted)).toBe(true);
    await expect(dialog(page)).toContainText('Saved: ');
});

base('an export holds exactly what is filtered, carries its digest, and is in the log', async ({ page }) => {
    await visit(page, 'reader', '/logs?category=data_access');
    await expect(page.getByText(/^\d+ events$/)).toBeVisible();
    const told = await (await page.request.get('/api/v1/logs/summary?category=data_access')).json();
    for (const [format, ending] of [['CSV', 'csv'], ['NDJSON', 'ndjson'], ['Parquet', 'parquet']] as const) {
        await page.getByRole('button', { name: 'Export' }).click();
        const dialog = page.getByRole('dialog', { name: 'Export events' });
        await expect(dialog).toContainText(`Exactly the events that the filter lets through: ${told.total} events`);
        await dialog.getByRole('radio', { name: format }).check();
        const coming = page.waitForEvent('download');
        await dialog.getByRole('button', { name: 'Download' }).click();
        const download = await coming;
        expect(download.suggestedFilename()).toMatch(new RegExp(`^lockbox-log-.*\\.${ending}$`));
        const file = await readFile(await download.path());
        await expect(dialog).toContainText(`Saved: ${told.total} events`);
        await expect(dialog).toContainText(createHash('sha256').update(file).digest('hex'));
        if (format === 'NDJSON') {
            const events = file.toString('utf8').trimEnd().split('\n').map((one) => JSON.parse(one));
            expect(events).toHaveLength(told.total);
            expect(new Set(events.map((one) => one.category))).toEqual(new Set(['data_access']));
        }
        await dialog.getByRole('button', { name: 'Close' }).click();
    }
    await page.goto('/logs?operation=Export');
    await expect(rows(page)).toHaveCount(4);
});

base('nothing to complain about in a finished export, light and dark', async ({ page }) => {
    await visit(page, 'reader', '/logs?category=data_access');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Export events' });
    const saved = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    await saved;
    await expect(dialog).toContainText('Saved: ');
    await expectAccessibleInBoth(page);
});

base('who may not export is told why, and what engineers wrote shows as text', async ({ page, provider }) => {
    const hostile = '<img src=x onerror=alert(1)> =cmd|\' /C calc\'!A0 😀 ' + 'x'.repeat(400);
    await provider.raise({ justification: hostile });
    await visit(page, 'approver', '/logs?operation=Create+Lockbox+Request');
    const button = page.getByRole('button', { name: 'Export' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/readers and global administrators/);
    await rows(page).nth(1).getByRole('button').first().press('Enter');
    await expect(rows(page).nth(2)).toContainText('<img src=x onerror=alert(1)>');
    await expect(page.locator('img[src="x"]')).toHaveCount(0);
});
