import type { Page } from '@playwright/test';

import { expect, type Provider, signInByCall, test, visit } from './support/test.ts';

/** More than a list shows at first, which is 50. */
const MANY = 60;

const more = (page: Page) => page.getByRole('button', { name: 'Load more' });
const foot = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words });
/** Where the rows of the list on the page lead, in their order. */
const targets = (page: Page, table: string) =>
    page.getByRole('table', { name: table }).locator('tbody a[href]').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));

/** Every id that a list of the server holds, part by part. */
async function all(page: Page, path: string): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
        const answer = await page.request.get(path, { params: { limit: '7', ...(cursor === '' ? {} : { cursor }) } });
        const part = (await answer.json()) as { items: { id: string }[]; next_cursor: string | null };
        ids.push(...part.items.map(({ id }) => id));
        cursor = part.next_cursor ?? null;
    }
    return ids;
}

async function raiseMany(provider: Provider): Promise<string[]> {
    const raised = await Promise.all(Array.from({ length: MANY }, (_, at) => provider.raise({ justification: `One of many, number ${at}.` })));
    return raised.map(({ id }) => id);
}

/** Loads the rest of a list of which 50 rows are shown, and expects every row once, in the server's order. */
async function loadAll(page: Page, table: string, words: string, wanted: string[]): Promise<void> {
    await expect(foot(page, words)).toHaveText(`50 ${words} shown`);
    expect(await targets(page, table)).toEqual(wanted.slice(0, 50));
    await more(page).click();
    await expect(foot(page, words)).toHaveText(`${wanted.length} ${words} shown, that is all`);
    await expect(more(page)).toHaveCount(0);
    const shown = await targets(page, table);
    expect(new Set(shown).size, 'none twice').toBe(shown.length);
    expect(shown).toEqual(wanted);
}

test('requests: Load more shows the rest, every one once', async ({ page, provider }) => {
    const raised = await raiseMany(provider);
    await visit(page, 'approver', '/requests');
    const list = async () => (await all(page, '/api/v1/lockbox-requests?view=pending')).map((id) => `/requests/${id}`);
    const wanted = await list();
    expect(wanted).toEqual(expect.arrayContaining(raised.map((id) => `/requests/${id}`)));
    await loadAll(page, 'Requests', 'requests', wanted);
});

test('what comes in at the end of a list that is shown to its end appears by itself', async ({ page, provider }) => {
    await raiseMany(provider);
    await visit(page, 'approver', '/requests');
    const list = async () => (await all(page, '/api/v1/lockbox-requests?view=pending')).map((id) => `/requests/${id}`);
    const before = await list();
    await loadAll(page, 'Requests', 'requests', before);
    await provider.raise();
    await expect(foot(page, 'requests')).toHaveText(`${before.length + 1} requests shown, that is all`);
    expect(await targets(page, 'Requests')).toEqual(await list());
});

test('a list of more than 200 rows stays whole, and where one is in it, when something changes', async ({ page, provider }) => {
    test.slow();
    const raised: string[] = [];
    for (let round = 0; round < 4; round += 1) raised.push(...(await raiseMany(provider)));
    await visit(page, 'approver', '/requests');
    const list = async () => (await all(page, '/api/v1/lockbox-requests?view=pending')).map((id) => `/requests/${id}`);
    const count = (await list()).length;
    expect(count).toBeGreaterThan(200 + 30);
    for (let shown = 50; shown < 230; shown += 50) {
        await expect(foot(page, 'requests')).toHaveText(`${shown} requests shown`);
        await more(page).click();
    }
    const table = page.getByRole('table', { name: 'Requests' });
    const last = table.locator('tbody tr').nth(219);
    await last.scrollIntoViewIfNeeded();
    const where = await last.evaluate((row) => ({ top: row.getBoundingClientRect().top, id: row.querySelector('a')?.getAttribute('href') }));
    // Something changes far above: a request that is shown goes.
    const shown = await targets(page, 'Requests');
    const gone = shown.find((href) => raised.some((id) => href === `/requests/${id}`)) ?? '';
    const read = page.waitForResponse((answer) => /lockbox-requests\?view=pending.*cursor=/.test(answer.url()));
    await provider.call('POST', `/access-requests/${gone.split('/').at(-1)}/cancel`, { engineer_id: 'eng-417' });
    await read;
    await expect(table.locator(`a[href="${gone}"]`)).toHaveCount(0);
    expect(await targets(page, 'Requests')).toEqual((await list()).slice(0, 250));
    const same = await table.locator(`tr:has(a[href="${where.id}"])`).evaluate((row) => row.getBoundingClientRect().top);
    expect(Math.abs(same - where.top)).toBeLessThanOrEqual(60);
});

test('a part that can’t be loaded is said, and the button stays for another try', async ({ page, provider }) => {
    await raiseMany(provider);
    await visit(page, 'approver', '/requests');
    await expect(more(page)).toBeVisible();
    const next = /\/api\/v1\/lockbox-requests\?.*cursor=/;
    await page.route(next, (route) => route.abort('connectionfailed'));
    await more(page).click();
    await expect(page.getByRole('status').filter({ hasText: /server|connection|network/i }).first()).toBeVisible();
    await expect(foot(page, 'requests shown')).toHaveText('50 requests shown');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.unroute(next);
    await more(page).click();
    await expect(foot(page, 'requests shown')).toContainText('that is all');
    const shown = await targets(page, 'Requests');
    expect(new Set(shown).size).toBe(shown.length);
});

test('support requests: Load more shows the rest, every one once', async ({ page, provider }) => {
    await Promise.all(Array.from({ length: MANY }, async (_, at) => {
        const path = `/organizations/org_meridian/service-requests/26112200600${String(at).padStart(5, '0')}`;
        const put = await provider.call('PUT', path, { title: `Printer ${at} is slow`, description: 'Since Tuesday.', severity: 'moderate' });
        expect(put.status).toBe(201);
    }));
    await visit(page, 'administrator', '/service-requests');
    const wanted = (await all(page, '/api/v1/service-requests?state=open')).map((id) => `/service-requests/${id}`);
    expect(wanted.length).toBeGreaterThan(MANY);
    await loadAll(page, 'Support requests', 'support requests', wanted);
});

test.describe('of the log', () => {
    test.use({ serverFor: 'worker' });

    test('scrolled to the oldest event: every one is met once, and few are in the page at a time', async ({ page }) => {
        await signInByCall(page.request, 'reader');
        await page.goto('/logs');
        const table = page.getByRole('table', { name: 'Events', exact: true });
        await expect(table.getByRole('row').nth(1)).toBeVisible();
        const first = (await (await page.request.get('/api/v1/logs?limit=1')).json()) as { items: { sequence: number }[] };
        // Dense: the newest event's number is how many there are, of which older ones may have been sealed and removed, here none.
        const count = first.items[0]!.sequence;
        expect(count).toBeGreaterThan(100);
        const met = new Map<number, string>();
        let most = 0;
        await expect(async () => {
            const { rows, end } = await table.evaluate((table) => {
                const all = [...table.querySelectorAll('tr[aria-rowindex]')].slice(1);
                const rows = all.map((one) => ({ index: Number(one.getAttribute('aria-rowindex')), time: one.querySelector('time')?.dateTime ?? '' }));
                // They come a few in a frame: on only when those of this screen are there.
                const last = all.at(-1)?.getBoundingClientRect().bottom ?? 0;
                const below = table.querySelector('tbody')?.getBoundingClientRect().bottom ?? 0;
                if (last >= Math.min(innerHeight, below - 1)) window.scrollBy(0, innerHeight / 2);
                return { rows, end: scrollY + innerHeight >= document.documentElement.scrollHeight - 1 };
            });
            most = Math.max(most, rows.length);
            for (const { index, time } of rows) met.set(index, time);
            expect(end && met.has(count + 1)).toBe(true);
        }).toPass({ intervals: [50], timeout: 40_000 });
        await expect(foot(page, 'events shown')).toHaveText(/that is all$/);
        expect([...met.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at + 2));
        const times = [...met].sort(([a], [b]) => a - b).map(([, time]) => time);
        expect(times).toEqual([...times].sort().reverse());
        expect(most, 'rows in the page at a time').toBeLessThan(count);
        const oldest = (await all(page, '/api/v1/logs')).at(-1)!;
        await table.getByRole('row').last().getByRole('button').press('Enter');
        await expect(page).toHaveURL(new RegExp(`event=${oldest}`));
    });
});
