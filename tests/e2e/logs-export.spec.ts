import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { Cutting } from './support/cutting.ts';
import {
    expect,
    expectAccessible,
    expectAccessibleInBoth,
    OWN_CALL,
    type Provider,
    test as base,
    visit,
} from './support/test.ts';

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
async function whole(page: Page, format: string, filter = FILTER): Promise<Buffer> {
    const answer = await page.request.get(`/api/v1/logs/export?${filter}&format=${format.toLowerCase()}`);
    expect(answer.status()).toBe(200);
    return answer.body();
}

/** As in another tab: the page that is open is not asked. */
async function signOutByCall(page: Page): Promise<void> {
    const answer = await page.request.delete('/api/v1/session', { headers: OWN_CALL, data: {} });
    expect(answer.status(), await answer.text()).toBe(204);
}

interface Opening {
    /** Of which kind the file is, as its button says. */
    format?: 'CSV' | 'NDJSON' | 'Parquet';
    /** How many actions there are to export. */
    count?: number;
    /** How much of the file comes over the first connection, and over each that goes on. */
    shares?: number[];
    /** What comes in place of the continuation. */
    instead?: string;
}

/** Begins an export whose connection lets a part through and then holds still. Returns the file as it is in one go. */
async function standstill(
    { page, provider, cutting }: { page: Page; provider: Provider; cutting: Cutting },
    { format = 'NDJSON', count = 300, shares = [0.5], instead }: Opening = {},
): Promise<Buffer> {
    await act(provider, count);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    const wanted = await whole(page, format);
    cutting.after(...shares.map((share) => Math.floor(wanted.length * share) + 7), ...(instead === undefined ? [] : [instead]));
    await begin(page, format);
    await expect(dialog(page)).toContainText(/[1-9]\d* KB received/);
    if (format !== 'Parquet') await expect(dialog(page)).toContainText(/[2-5]\d %, \d+ events, [\d.]+ [KM]B received/);
    return wanted;
}

/** Goes on, and expects that the file is `wanted`. */
async function goOn(page: Page, wanted: Buffer, button = 'Go on'): Promise<void> {
    const saved = page.waitForEvent('download');
    await press(page, button);
    const file = await readFile(await (await saved).path());
    expect(file.equals(wanted), `${file.length} bytes saved, ${wanted.length} in one go`).toBe(true);
}

for (const format of ['CSV', 'NDJSON'] as const) {
    test(`${format}: a broken export goes on, twice, and the file is the same as in one go`, async ({ page, provider, cutting }) => {
        const wanted = await standstill({ page, provider, cutting }, { format, count: 600, shares: [0.3, 0.4] });
        const bar = dialog(page).getByRole('progressbar');
        expect(Number(await bar.getAttribute('value'))).toBe(await share(dialog(page)));
        cutting.cut();
        await expect(dialog(page)).toContainText('The connection broke in the middle of the file. Go on fetches the rest.');
        await expect(dialog(page)).toContainText(/[23]\d %, \d+ events, .* received, and kept/);
        await expect(dialog(page)).not.toContainText('Nothing was changed');
        await expect(dialog(page).getByRole('radio')).toHaveCount(0);
        await expectAccessible(page);

        await press(page, 'Go on');
        await expect(dialog(page)).toContainText(/[67]\d %, \d+ events, .* received/);
        cutting.cut();
        await expect(dialog(page)).toContainText(/[67]\d %, \d+ events, .* received, and kept/);
        await goOn(page, wanted);
        const told = await (await page.request.get(`/api/v1/logs/summary?${FILTER}`)).json();
        await expect(dialog(page)).toContainText(`Saved: ${told.total} events`);
        await expect(dialog(page)).toContainText('It came over 3 connections. The last of them is what the log says was sent');
        await expect(dialog(page)).toContainText(createHash('sha256').update(wanted).digest('hex'));
        // Each connection is on record by its own range: the last three make one file.
        const log = await (await page.request.get('/api/v1/logs?operation=Export')).json();
        type Range = { export_id: string; from_sequence: number; to_sequence: number };
        const ranges: Range[] = log.items.map((event: { details: Range }) => event.details).reverse();
        expect(ranges).toHaveLength(4);
        const [, first, second, third] = ranges;
        expect([first?.from_sequence, second?.to_sequence, third?.to_sequence]).toEqual([1, first?.to_sequence, first?.to_sequence]);
        expect(second?.from_sequence).toBeGreaterThan(1);
        expect(third?.from_sequence).toBeGreaterThan(second?.from_sequence ?? 0);
        // Each of them asks for the rest of the first one: what its filter's names stood for stays, whatever is renamed.
        const rests = cutting.asked.slice(2).map((asked) => Object.fromEntries(asked));
        const rest = (range?: Range) => ({ continues: first?.export_id, from_sequence: `${range?.from_sequence}` });
        expect(rests).toEqual([rest(second), rest(third)]);
    });
}

test('while the server is away going on fails and keeps what came; later it goes on', async ({ page, provider, server, cutting }) => {
    const wanted = await standstill({ page, provider, cutting }, { format: 'CSV' });
    await server.kill();
    cutting.cut();
    await expect(dialog(page)).toContainText(/[45]\d %, .* received, and kept/);
    await press(page, 'Go on');
    await expect(dialog(page)).toContainText('The server could not be reached. Check the connection. Then go on.');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received, and kept/);
    await server.resume();
    await goOn(page, wanted);
});

test('a connection over which nothing comes for 30 seconds is broken, and the export goes on', async ({ page, provider, cutting }) => {
    await page.clock.install();
    const wanted = await standstill({ page, provider, cutting });
    // From here on no time goes by but what is said.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
    await page.clock.fastForward(15_000);
    await expect(dialog(page)).toContainText('received');
    await expect(dialog(page)).not.toContainText('and kept');
    await page.clock.fastForward(16_000);
    await page.clock.resume();
    await expect(dialog(page)).toContainText(/The connection broke.* received, and kept .*Nothing came for 30 seconds\./);
    // The server is told, too.
    await expect.poll(() => cutting.open()).toBe(0);
    await goOn(page, wanted);
});

test('an answer that ends early as if it were whole goes on', async ({ page, provider, cutting }) => {
    await act(provider, 300);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    const wanted = await whole(page, 'ndjson');
    cutting.after(wanted.indexOf('\n', wanted.length / 2) + 1);
    await begin(page, 'NDJSON');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received/);
    cutting.end();
    await expect(dialog(page)).toContainText('The connection ended before everything that was sent had come. Go on fetches the rest.');
    await goOn(page, wanted);
});

test('what does not go on where the file ended is not put into it, and its connection is ended', async ({ page, provider, cutting }) => {
    await standstill({ page, provider, cutting }, { instead: '{"sequence":1}\n' });
    cutting.cut();
    await press(page, 'Go on');
    await expect(dialog(page)).toContainText('What came does not go on where the file ended. Try again from the beginning.');
    await expect(dialog(page)).toContainText('Nothing was saved');
    await expect.poll(() => cutting.open()).toBe(0);
});

test('rows that the browser could not keep come again', async ({ page, provider, cutting }) => {
    await page.addInitScript(() => {
        const scope = globalThis as unknown as { Blob: typeof Blob; full?: boolean };
        const Own = scope.Blob;
        scope.Blob = class extends Own {
            constructor(parts?: BlobPart[], options?: BlobPropertyBag) {
                if (scope.full) throw new RangeError('no room');
                super(parts, options);
            }
        };
    });
    const full = (is: boolean) => page.evaluate((now) => Object.assign(globalThis, { full: now }), is);
    const wanted = await standstill({ page, provider, cutting }, { format: 'CSV' });
    cutting.cut();
    await expect(dialog(page)).toContainText('received, and kept');
    await full(true);
    await press(page, 'Go on');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received, and kept .*The browser could not keep more of the file/);
    await full(false);
    await goOn(page, wanted);
});

test('stopped, it offers to go on, and does', async ({ page, provider, cutting }) => {
    const wanted = await standstill({ page, provider, cutting });
    await press(page, 'Stop');
    await expect(dialog(page)).toContainText(/Stopped.*[45]\d %, .* received, and kept .*Go on fetches the rest\./);
    await expect.poll(() => cutting.open()).toBe(0);
    await expectAccessible(page);
    await goOn(page, wanted);
});

test('discarded after it broke, nothing is saved; another begins from the start', async ({ page, provider, cutting }) => {
    const wanted = await standstill({ page, provider, cutting });
    cutting.cut();
    await expect(dialog(page)).toContainText('The connection broke');
    await press(page, 'Discard');
    await expect(dialog(page)).toContainText('Nothing was saved');
    await expect(dialog(page)).toContainText('What had come is discarded. The log says what was sent.');
    await goOn(page, wanted, 'Download');
    await expect(dialog(page)).toContainText('SHA-256 of the file, as the log has it:');
});

test('a session that ended leads to sign-in, and what came of the export is said to be gone', async ({ page, provider, cutting }) => {
    await standstill({ page, provider, cutting });
    await signOutByCall(page);
    cutting.cut();
    await press(page, 'Go on');
    await expect(page).toHaveURL(/\/sign-in\?/);
    await expect(page.getByText('What came of the export is gone')).toBeVisible();
});

test('who goes to another page is told that what came is gone', async ({ page, provider, cutting }) => {
    await standstill({ page, provider, cutting });
    cutting.cut();
    await expect(dialog(page)).toContainText('received, and kept as long as you stay in Logs');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keep what has come?' }).getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'History' }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('History');
    await expect(page.getByText('What came of the export is gone')).toBeVisible();
});

test('closed, it asks once whether to keep what came, and Export goes on with it', async ({ page, provider, cutting }) => {
    const wanted = await standstill({ page, provider, cutting });
    const question = page.getByRole('dialog', { name: 'Keep what has come?' });
    // In the middle: the connection ends, what came of it does not.
    await page.keyboard.press('Escape');
    await expect(question).toContainText(/[45]\d %, .* received/);
    await expect.poll(() => cutting.open()).toBe(0);
    await expectAccessible(page);
    await question.getByRole('button', { name: 'Keep' }).click();
    await expect(question).toBeHidden();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await expect(dialog(page)).toContainText('received, and kept');
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toBeHidden();
    await expect(question).toBeHidden();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await goOn(page, wanted);
});

test('closed and discarded, the next one begins afresh', async ({ page, provider, cutting }) => {
    const wanted = await standstill({ page, provider, cutting });
    cutting.cut();
    await expect(dialog(page)).toContainText('received, and kept');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keep what has come?' }).getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await dialog(page).getByRole('radio', { name: 'NDJSON', exact: true }).check();
    await goOn(page, wanted, 'Download');
});

test('what is kept stays what it was when the address becomes another', async ({ page, provider, cutting }) => {
    await act(provider, 300);
    await visit(page, 'administrator', `/logs?${FILTER}`);
    await page.getByRole('button', { name: /^Remove filter Event: / }).click();
    await expect(page).toHaveURL(/\?category=data_access$/);
    const wanted = await whole(page, 'csv', 'category=data_access');
    const told = await (await page.request.get('/api/v1/logs/summary?category=data_access')).json();
    cutting.after(Math.floor(wanted.length / 2));
    await expect(page.getByText(`${told.total} events`, { exact: true })).toBeVisible();
    await begin(page, 'CSV');
    await expect(dialog(page)).toContainText(/[45]\d %, .* received/);
    cutting.cut();
    await expect(dialog(page)).toContainText('received, and kept');
    await page.goBack();
    await expect(page).toHaveURL(/operation=/);
    await expect(page.getByText(`${told.total} events`, { exact: true })).toBeHidden();
    await expect(dialog(page)).toContainText(`lets through: ${told.total} events`);
    await expect(dialog(page).getByText(/^The filter: /)).toHaveText('The filter: category:data_access');
    await goOn(page, wanted);
});

test('a Parquet file has to begin anew, and the dialog says so', async ({ page, provider, cutting }) => {
    const wanted = await standstill({ page, provider, cutting }, { format: 'Parquet' });
    cutting.cut();
    await expect(dialog(page)).toContainText('can’t be put together from parts: it has to begin anew.');
    await expect(dialog(page).getByRole('button', { name: 'Go on' })).toHaveCount(0);
    await expectAccessible(page);
    await goOn(page, wanted, 'Begin anew');
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
