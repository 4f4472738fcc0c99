import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { expect, expectAccessible, signInByCall, test, visit } from './support/test.ts';

/** The value of the figure with this label, or that of the period before. */
const figure = (page: Page, label: string, which: 'now' | 'before' = 'now') =>
    page.getByRole('main').locator('.c-figures dt').filter({ hasText: new RegExp(`^${label}$`) }).locator(`xpath=following-sibling::dd[${which === 'now' ? 1 : 2}]`);

const percent = (rate: number | null) => (rate === null ? '–' : `${Math.round(rate * 100)} %`);

/** A length of time in its two largest units, as the page writes it. */
function span(seconds: number | null): string {
    if (seconds === null) return '–';
    const whole = Math.round(seconds);
    const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24, Math.floor(whole / 60) % 60];
    const two = (big: string, small: number, unit: string) => (small === 0 ? big : `${big} ${small} ${unit}`);
    if (days > 0) return two(`${days} d`, hours, 'h');
    if (hours > 0) return two(`${hours} h`, minutes, 'min');
    return minutes > 0 ? `${minutes} min` : `${whole} s`;
}

test('the figures of a period are those of the server, and lead to the rows behind them', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const main = page.getByRole('main');
    const told = await (await page.request.get('/api/v1/history?from=now-28d')).json();
    const { current, previous } = told;
    const expected: [string, (of: typeof current) => string][] = [
        ['Requests', (of) => String(of.requests)],
        ['Approval rate', (of) => percent(of.approval_rate)],
        ['Median time to decide', (of) => span(of.median_seconds_to_decide)],
        ['95 of 100 decided within', (of) => span(of.p95_seconds_to_decide)],
        ['Expired share', (of) => percent(of.expired_share)],
        ['Hours granted', (of) => `${of.hours_granted.toFixed(1)} h`],
        ['Hours used', (of) => `${of.hours_used.toFixed(1)} h`],
        ['Actions', (of) => of.actions.toLocaleString('en')],
        ['Rows touched', (of) => of.rows_touched.toLocaleString('en')],
        ['Refused actions', (of) => String(of.refused_actions)],
        ['Access without a request', (of) => String(of.without_request)],
        ['Stayed inside the provider', (of) => String(of.inside)],
    ];
    for (const [label, words] of expected) {
        await expect(figure(page, label), label).toHaveText(words(current));
        await expect(figure(page, label, 'before'), label).toHaveText(`${words(previous)} before`);
    }
    expect(current.denied).toBeGreaterThan(0);
    await expect(main.getByRole('link', { name: 'Denied', exact: true }).first()).toBeVisible();
    // The chart has its numbers as a table for whoever can't see it.
    await expect(page.getByRole('table').first()).toBeAttached();
    const rows = page.getByRole('row').filter({ hasText: '2611170050003041' });
    await expect(rows.first()).toContainText('Denied');
    await rows.first().getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
});

/** How many requests a link to the list shows, asked of the server page by page. */
async function behind(page: Page, href: string): Promise<number> {
    const query = new URL(href, 'http://localhost').searchParams;
    // The list's own address says `environment`.
    const environment = query.get('environment');
    if (environment !== null) query.set('environment_id', environment);
    query.delete('environment');
    query.set('limit', '200');
    const answer = await page.request.get(`/api/v1/lockbox-requests?${query}`);
    expect(answer.status(), href).toBe(200);
    return (await answer.json()).items.length;
}

test('every figure is a link to exactly the rows behind it', async ({ page }) => {
    await visit(page, 'reader', '/history?days=90');
    const main = page.getByRole('main');
    await expect(main.getByRole('link', { name: 'Requests', exact: true })).toBeVisible();
    const told = await (await page.request.get('/api/v1/history?from=now-90d')).json();
    const { current, previous } = told;
    const decided = current.approved + current.denied;
    const link = (name: string) => main.getByRole('link', { name, exact: true }).first();
    const expectedRows: [string, number][] = [
        ['Requests', current.requests],
        ['Approval rate', decided],
        ['Median time to decide', decided],
        ['95 of 100 decided within', decided],
        ['Expired share', current.expired],
        ['Access without a request', current.without_request],
        ['Stayed inside the provider', current.inside],
        ['Approved', current.approved],
        ['Denied', current.denied],
        ['Expired', current.expired],
        ['Cancelled', current.cancelled],
        ['Action needed', current.pending],
    ];
    for (const [name, count] of expectedRows) {
        expect(await behind(page, (await link(name).getAttribute('href')) ?? ''), name).toBe(count);
    }
    // Hours, actions and rows are sums over requests: their links show those with access, with use, with a refusal.
    for (const [name, view] of [['Hours granted', 'opened'], ['Hours open', 'opened'], ['Hours used', 'used'], ['Actions', 'used'], ['Rows touched', 'used'], ['Refused actions', 'refused']] as const) {
        const href = (await link(name).getAttribute('href')) ?? '';
        expect(href).toContain(`view=${view}&`);
        expect(await behind(page, href), name).toBeGreaterThan(0);
    }
    const before = main.getByRole('link', { name: `Requests: ${previous.requests} before` });
    expect(await behind(page, (await before.getAttribute('href')) ?? '')).toBe(previous.requests);
    // Slices: every number of every table.
    let numbers = 0;
    for (const title of ['By environment', 'By service', 'By reason', 'By team', 'By decider', 'Access without a request']) {
        for (const row of await main.getByRole('table', { name: title }).locator('tbody tr').all()) {
            const [count, approved] = await row.locator('td a').all();
            for (const cell of [count, approved].filter((cell) => cell !== undefined)) {
                expect(await behind(page, (await cell.getAttribute('href')) ?? ''), `${title}: ${await row.textContent()}`).toBe(Number(await cell.textContent()));
                numbers += 1;
            }
        }
    }
    expect(numbers).toBeGreaterThan(12);
    // Every day of the chart's table.
    const days = main.getByRole('table', { name: 'Requests by outcome over time' }).locator('tbody tr');
    for (const day of (await days.all()).slice(-4)) {
        const values = await day.locator('td').allTextContents();
        const sum = values.reduce((all, value) => all + Number(value), 0);
        const [whole, ...each] = await day.getByRole('link', { includeHidden: true }).all();
        expect(await behind(page, (await whole!.getAttribute('href')) ?? '')).toBe(sum);
        // And each of its numbers: the requests of that day that ended so.
        expect(each).toHaveLength(values.length);
        for (const [at, link] of each.entries()) {
            expect(await behind(page, (await link.getAttribute('href')) ?? '')).toBe(Number(values[at]));
            expect(await link.getAttribute('aria-label')).toContain(`${values[at]}, `);
        }
    }
});

test('the rows behind a figure show as many as it counts, say why they are few, and lead back to all', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const told = await (await page.request.get('/api/v1/history')).json();
    const decider = told.by_decider[0];
    await page.getByRole('table', { name: 'By decider' }).getByRole('link', { name: decider.label, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Requests' })).toBeVisible();
    const rows = page.getByRole('table', { name: 'Requests' }).locator('tbody tr');
    await expect(rows).toHaveCount(decider.count);
    await expect(page.getByText(/^From /)).toBeVisible();
    await expect(page.getByText('Only: you decided, one person’s decisions')).toBeVisible();
    await page.getByRole('link', { name: 'All requests' }).click();
    await expect(page.getByText(/^Only: /)).toHaveCount(0);
    await page.getByRole('link', { name: 'Any time' }).click();
    await expect(page.getByText(/^From /)).toHaveCount(0);
    await expect.poll(() => rows.count()).toBeGreaterThan(decider.count);
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
});

test('the time to decide is a line with a table twin, told apart without colour', async ({ page }) => {
    await visit(page, 'reader', '/history?days=90');
    const chart = page.getByRole('img', { name: /^Time to decide, by when requests were raised/ });
    await expect(chart).toBeVisible();
    const told = await (await page.request.get('/api/v1/history?from=now-90d')).json();
    const known = told.decision_times.filter((part: { decided: number }) => part.decided > 0).length;
    expect(known).toBeGreaterThan(1);
    await expect(chart.locator('circle')).toHaveCount(2 * known);
    await expect(chart.locator('line[class*=stroke]')).toHaveCount(2 * (known - 1));
    const look = (one: Locator, what: string) => one.evaluate((element, what) => getComputedStyle(element).getPropertyValue(what), what);
    expect(await look(chart.locator('.c-chart__stroke--dashed').first(), 'stroke-dasharray')).not.toBe('none');
    expect(await look(chart.locator('.c-chart__stroke:not(.c-chart__stroke--dashed)').first(), 'stroke-dasharray')).toBe('none');
    const card = page.getByRole('region', { name: 'Time to decide' });
    await card.getByRole('button', { name: 'As a table' }).click();
    const twin = card.getByRole('table');
    await expect(twin).toBeVisible();
    await expect(twin.locator('tbody tr')).toHaveCount(told.decision_times.length);
    await expect(chart).toBeHidden();
    await page.getByText('The small lines as a table').click();
    await expect(page.getByRole('table', { name: 'Figures over time' }).locator('tbody tr')).toHaveCount(told.decision_times.length);
});

test('a period that can not be read says so at its field, with what was typed, and shows no other one', async ({ page }) => {
    await visit(page, 'reader', '/history?from=2026-11-20&to=2026-11-10');
    await expect(page.getByText("This period can't be read")).toBeVisible();
    const last = page.getByLabel('Last day');
    await expect(last).toHaveValue('2026-11-10');
    await expect(last).toHaveAccessibleDescription(/The last day lies before the first/);
    await expect(page.getByRole('button', { name: 'Download CSV' })).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(page);
    await last.fill('2026-11-21');
    await expect(page).toHaveURL(/from=2026-11-20&to=2026-11-21$/);
    await expect(page.getByText("This period can't be read")).toHaveCount(0);
    for (const [query, words] of [['days=13', '“13” is none of these lengths'], ['from=2026-02-30&to=2026-03-01', 'There is no day “2026-02-30”'], ['from=2026-02-01', 'The last day is missing']] as const) {
        await page.goto(`/history?${query}`);
        await expect(page.getByText(words)).toBeVisible();
        await expect(page.getByText("This period can't be read")).toBeVisible();
    }
    await page.goto('/history?days=13');
    await page.getByRole('combobox', { name: 'Period' }).selectOption({ label: 'Last 7 days' });
    await expect(page).toHaveURL(/days=7$/);
    await expect(page.getByRole('link', { name: 'Requests', exact: true }).first()).toBeVisible();
});

test('a date that is being typed goes nowhere before it is whole', async ({ page }) => {
    await visit(page, 'reader', '/history?from=2026-10-01&to=2026-10-31');
    await expect(page.getByRole('link', { name: 'Requests', exact: true }).first()).toBeVisible();
    const asked: string[] = [];
    page.on('request', (request) => {
        if (request.url().includes('/api/v1/history?')) asked.push(new URL(request.url()).search);
    });
    const steps = await page.evaluate(() => history.length);
    const first = page.getByLabel('First day');
    // As a person types them, in whichever order the browser asks for day and month; the year passes through 0002, 0020 and 0202,
    // which are days as well.
    await first.focus();
    await page.keyboard.type('09092026', { delay: 30 });
    await expect(first).toHaveValue('2026-09-09');
    await expect(page).toHaveURL(/from=2026-10-01&to=2026-10-31$/);
    await expect(first).not.toHaveAttribute('aria-invalid', 'true');
    expect(asked).toEqual([]);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/from=2026-09-09&to=2026-10-31$/);
    await expect.poll(() => asked.length).toBe(1);
    expect(await page.evaluate(() => history.length)).toBe(steps + 1);
    // Leaving the field is as good as Enter. (The field is left first, so that typing begins at its beginning.)
    await first.blur();
    await first.focus();
    await page.keyboard.type('10102026', { delay: 30 });
    await expect(page).toHaveURL(/from=2026-09-09&/);
    await page.getByRole('heading', { level: 1 }).click();
    await expect(page).toHaveURL(/from=2026-10-10&to=2026-10-31$/);
    // What is whole and wrong is said when one has finished it, at its field.
    const last = page.getByLabel('Last day');
    await last.focus();
    await page.keyboard.type('01012026', { delay: 30 });
    await expect(last).not.toHaveAttribute('aria-invalid', 'true');
    await page.keyboard.press('Enter');
    await expect(last).toHaveAccessibleDescription(/The last day lies before the first/);
    await expect(page).toHaveURL(/from=2026-10-10&to=2026-10-31$/);
    await page.goBack();
    await expect(first).toHaveValue('2026-09-09');
    await expect(last).toHaveValue('2026-10-31');
});

test('what was done is a link to its events; over all of the log they are as many as the figure says', async ({ page }) => {
    await visit(page, 'reader', '/history?from=2025-06-01&to=2027-05-31');
    const main = page.getByRole('main');
    const inLog = (label: string) => main.getByRole('link', { name: `${label}: what was done in this period, in the log`, exact: true });
    await expect(inLog('Rows touched')).toBeVisible();
    const told = await (await page.request.get('/api/v1/history?from=2025-06-01T00:00:00Z&to=2027-06-01T00:00:00Z')).json();
    for (const [label, number] of [['Actions', told.current.actions], ['Refused actions', told.current.refused_actions]] as const) {
        expect(number).toBeGreaterThan(0);
        const query = new URL((await inLog(label).getAttribute('href')) ?? '', 'http://localhost').search;
        expect((await (await page.request.get(`/api/v1/logs/summary${query}`)).json()).total, label).toBe(number);
    }
    await inLog('Refused actions').click();
    await expect(page).toHaveURL(/\/logs\?category=data_access&.*outcome=refused/);
    await expect(page.getByRole('table', { name: 'Events', exact: true }).getByRole('row').nth(1)).toContainText('Refused');
});

test('of very many environments the largest are shown, with what the others add up to, and all of them when asked', async ({ page }) => {
    await signInByCall(page.request, 'reader');
    const many = Array.from({ length: 500 }, (_, at) => ({
        key: `env_${at}`, label: `Environment ${at}`, count: 500 - at, approved: 1, hours_granted: 0.5,
    }));
    await page.route('**/api/v1/history?*', async (route) => {
        const told = await (await route.fetch()).json();
        await route.fulfill({ json: { ...told, by_environment: many } });
    });
    await page.goto('/history');
    const table = page.getByRole('main').getByRole('table', { name: 'By environment' });
    const lines = table.locator('tbody tr');
    await expect(lines).toHaveCount(21);
    const rest = many.slice(20).reduce((sum, one) => sum + one.count, 0);
    await expect(lines.last()).toHaveText(new RegExp(`480 others\\s*${rest}\\s*480\\s*240\\.0`));
    // On paper as well, and what is longer than a page goes on on the next.
    await page.emulateMedia({ media: 'print' });
    await expect(lines).toHaveCount(21);
    const cards = await page.locator('.c-halves > .c-card').evaluateAll((all) => all.map((card) => {
        const halves = card.parentElement!;
        return [getComputedStyle(card).breakInside, card.getBoundingClientRect().width / halves.getBoundingClientRect().width];
    }));
    expect(cards.length).toBeGreaterThan(5);
    for (const [breaks, share] of cards) expect([breaks, share]).toEqual(['auto', 1]);
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'Show all 500, By environment' }).click();
    await expect(lines).toHaveCount(500);
    await expect(table.getByText('others')).toHaveCount(0);
    await page.getByRole('button', { name: 'Show the 20 largest, By environment' }).click();
    await expect(lines).toHaveCount(21);
    // The charts' tables in place of the drawings have nothing to complain about either.
    for (const button of await page.getByRole('button', { name: 'As a table' }).all()) await button.click();
    await expectAccessible(page);
});

test('no figure stands alone in its row, at any width', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const figures = page.locator('.c-figures > *');
    await expect(figures.first()).toBeVisible();
    for (const width of [1440, 1280, 1024, 800, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const rows = await figures.evaluateAll((all) => {
            const of = new Map<number, { count: number; right: number }>();
            for (const one of all) {
                const { top, right } = one.getBoundingClientRect();
                const row = of.get(Math.round(top)) ?? { count: 0, right: 0 };
                of.set(Math.round(top), { count: row.count + 1, right: Math.max(row.right, Math.round(right)) });
            }
            return [...of.values()];
        });
        // Every row reaches the end, and those below the first hold as many as each other.
        expect(new Set(rows.map(({ right }) => right)).size, `${width} px`).toBe(1);
        expect(new Set(rows.slice(1).map(({ count }) => count)).size, `${width} px`).toBe(1);
        expect(rows.length, `${width} px`).toBeGreaterThan(1);
    }
});

test.describe('when the server fails', () => {
    test.use({ allowedConsole: [/Failed to load resource/] });

    test('History in each of its states has nothing to complain about', async ({ page }) => {
        await visit(page, 'reader', '/history?from=2020-01-01&to=2020-01-31');
        await expect(page.getByText('Nothing happened in this period')).toBeVisible();
        await expectAccessible(page);
        let release = () => {};
        const held = new Promise<void>((go) => (release = go));
        await page.route('**/api/v1/history?*', async (route) => {
            await held;
            await route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: '/problems/unavailable', title: 'Unavailable', status: 503, detail: 'Try again.', instance: 'req_1' }) });
        });
        await page.goto('/history');
        await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
        await expectAccessible(page);
        release();
        await expect(page.getByText('The figures could not be read')).toBeVisible();
        await expectAccessible(page);
        await page.unroute('**/api/v1/history?*');
        await page.getByRole('button', { name: /again|retry/i }).click();
        await expect(page.getByRole('link', { name: 'Requests', exact: true }).first()).toBeVisible();
        await expectAccessible(page);
    });
});

test('the period is in the address; Back undoes; nothing in a period says so', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const period = page.getByRole('combobox', { name: 'Period' });
    await period.selectOption({ label: 'Last 7 days' });
    await expect(page).toHaveURL(/days=7/);
    const told = await (await page.request.get('/api/v1/history?from=now-7d')).json();
    await expect(figure(page, 'Requests')).toHaveText(String(told.current.requests));
    await expect(figure(page, 'Approval rate')).toHaveText(percent(told.current.approval_rate));
    await page.goBack();
    await expect(page).toHaveURL(/\/history$/);
    await expect(period).toHaveValue('28');
    await page.goto('/history?from=2020-01-01&to=2020-01-31');
    await expect(page.getByText('Nothing happened in this period')).toBeVisible();
});

test('the CSV holds the decided requests and no cell that a spreadsheet would run', async ({ page, provider, request }) => {
    const formula = '=HYPERLINK("https://evil.example","click")';
    const { id } = await provider.raise({ justification: formula });
    await signInByCall(request, 'approver');
    const etag = (await request.get(`/api/v1/lockbox-requests/${id}`)).headers()['etag'] ?? '';
    await request.post(`/api/v1/lockbox-requests/${id}/deny`, {
        data: { justification: '+1 to nothing, "really"' },
        headers: { 'X-Lockbox-Request': '1', 'If-Match': etag },
    });
    await visit(page, 'reader', '/history?days=7');
    const button = page.getByRole('button', { name: 'Download CSV' });
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    // The server's own table of the period that is shown.
    expect(download.url()).toMatch(/\/api\/v1\/history\/requests\.csv\?from=now-7d$/);
    expect(download.suggestedFilename()).toMatch(/^lockbox-requests-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain(id);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"",""click"")"`);
    expect(text).toContain(`"'+1 to nothing, ""really"""`);
    const cells = text.split(/\r\n|,(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    expect(cells.filter((cell) => /^"?[=+@\t]/.test(cell))).toEqual([]);
    const { from } = await (await page.request.get('/api/v1/history?from=now-7d')).json();
    const listed = await (await page.request.get(`/api/v1/lockbox-requests?view=all&from=${from}&limit=200`)).json();
    expect(listed.items.length).toBeGreaterThan(1);
    expect(text.match(/^lbx_/gm)?.length).toBe(listed.items.length);
    const log = await (await page.request.get('/api/v1/logs?operation=Export')).json();
    expect(log.items[0].details).toMatchObject({ what: 'history', state: 'complete', rows: listed.items.length });
});

test('who may read the history but not take it away is told why', async ({ page }) => {
    await visit(page, 'approver', '/history');
    const button = page.getByRole('button', { name: 'Download CSV' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
    expect((await page.request.get('/api/v1/history/requests.csv')).status()).toBe(403);
});

test('a member gets no history', async ({ page }) => {
    await visit(page, 'member', '/history');
    await expect(page.getByText('Not for your roles')).toBeVisible();
    expect((await page.request.get('/api/v1/history')).status()).toBe(403);
});
