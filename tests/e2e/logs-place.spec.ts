import type { Page } from '@playwright/test';

import { mark } from './support/decide.ts';
import { expect, expectAccessible, fillSignIn, type Provider, test, visit } from './support/test.ts';

const table = (page: Page) => page.getByRole('table', { name: 'Events', exact: true });
const rows = (page: Page) => table(page).getByRole('row');
const openers = (page: Page) => table(page).locator('.c-table__link');

/** Access without a request, and so many actions under it, told one after another. */
async function act(provider: Provider, count: number, statement = (at: number) => `SELECT ${at}`): Promise<string> {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    const grant = raised.access.grant_id ?? '';
    const actions = Array.from({ length: count }, (_, at) => ({
        id: `a-${at}`,
        time: new Date().toISOString(),
        engineer_id: 'eng-417',
        operation: 'ExecuteSqlViaLockbox',
        target: `payroll.dbo.Row${String(at).padStart(4, '0')}`,
        statement: statement(at),
        rows: 1,
        outcome: 'success',
    }));
    for (let at = 0; at < actions.length; at += 500) {
        const answer = await provider.call('POST', `/grants/${grant}/actions`, { actions: actions.slice(at, at + 500) });
        expect(answer.status).toBe(200);
    }
    return raised.id;
}

/** The first row that stands whole on the screen: its words, and how far down it is. */
async function firstSeen(page: Page): Promise<{ words: string; top: number }> {
    return openers(page).evaluateAll((all) => {
        const seen = all.find((one) => one.getBoundingClientRect().top >= 0);
        return { words: seen?.textContent ?? '', top: Math.round(seen?.getBoundingClientRect().top ?? -1) };
    });
}

/** What the clipboard holds. The page itself may not read it, and none of Lockbox's pages may. */
async function pasted(page: Page): Promise<string> {
    await page.evaluate(() => document.body.append(Object.assign(document.createElement('textarea'), { id: 'pasted' })));
    const field = page.locator('#pasted');
    await field.focus();
    await page.keyboard.press('ControlOrMeta+V');
    const text = await field.inputValue();
    await field.evaluate((field) => field.remove());
    return text;
}

/** Scrolls, and waits until the rows that belong there are in the page: they come a few in a frame. */
async function scrollTo(page: Page, top: number): Promise<void> {
    await page.evaluate(async (top) => {
        window.scrollTo(0, top);
        for (let still = 0, last = ''; still < 4; ) {
            await new Promise((drawn) => requestAnimationFrame(drawn));
            const now = [...document.querySelectorAll('tr[data-sequence]')].map((row) => row.getAttribute('data-sequence')).join();
            still = now === last ? still + 1 : 0;
            last = now;
        }
    }, top);
}

test('Back finds the log as one left it: the rows that were loaded, and the place', async ({ page, provider }) => {
    await act(provider, 700);
    await visit(page, 'reader', '/logs?category=data_access');
    await expect(rows(page).nth(1)).toBeVisible();
    // Far beyond the first hundred.
    for (let down = 2_000; down <= 12_000; down += 2_000) {
        await scrollTo(page, down);
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(down + 2_000);
    }
    const opener = openers(page).nth(20);
    await opener.click();
    await expect(page).toHaveURL(/event=evt_/);
    const left = await firstSeen(page);
    const id = new URL(page.url()).searchParams.get('event') ?? '';
    await page.locator(`#details-${id}`).getByRole('link', { name: /^lbx_/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
    await page.goBack();
    await expect(page).toHaveURL(new RegExp(`event=${id}`));
    await expect.poll(async () => (await firstSeen(page)).words).toBe(left.words);
    await expect.poll(async () => Math.abs((await firstSeen(page)).top - left.top)).toBeLessThanOrEqual(40);
    await expect(page.locator(`#details-${id}`)).toBeVisible();
    // The way through the navigation is another step: it begins at the newest event.
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
    await page.getByRole('link', { name: 'Logs', exact: true }).click();
    await expect(rows(page).nth(1)).toBeVisible();
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
});

test('whoever signs out leaves nothing of the log behind', async ({ page, provider }) => {
    await act(provider, 120);
    await visit(page, 'reader', '/logs?category=data_access');
    await expect(rows(page).nth(1)).toBeVisible();
    await scrollTo(page, 1_500);
    const main = page.getByRole('navigation', { name: 'Main' });
    await main.getByRole('link', { name: 'History', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
    const stays = await mark(page);
    await page.getByRole('button', { name: 'You and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await fillSignIn(page, 'reader');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // Also for the same person, and in the same document, the log begins anew.
    const asked = page.waitForRequest(/\/api\/v1\/logs\?.*category=data_access/);
    for (let steps = 0; steps < 5 && !page.url().includes('/logs?'); steps += 1) {
        const before = page.url();
        await page.goBack();
        await expect(page).not.toHaveURL(before);
    }
    await asked;
    expect(await stays()).toBe(true);
    await expect(rows(page).nth(1)).toBeVisible();
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
});

test('a link to an event opens it, however old it is', async ({ page, provider }) => {
    await visit(page, 'reader', '/logs?category=data_access');
    const old = await (await page.request.get('/api/v1/logs?category=data_access&limit=1')).json();
    const event = old.items[0];
    await act(provider, 300);
    await page.goto(`/logs?event=${event.id}`);
    await expect(rows(page).nth(1)).toBeVisible();
    const card = page.getByRole('region', { name: 'The event of this address' });
    await expect(card).toContainText(event.id);
    await expect(card).toContainText(event.correlation_id);
    await expectAccessible(page);
    await card.getByRole('button', { name: 'Close event' }).click();
    await expect(card).toHaveCount(0);
    await expect(page).toHaveURL(/\/logs$/);
    // One of the newest is open in its row, and nowhere else.
    await openers(page).nth(3).click();
    await expect(page.locator('.c-logs__details')).toHaveCount(1);
    await expect(card).toHaveCount(0);
});

test('live: what arrives while one reads waits, is announced once, and moves nothing', async ({ page, provider }) => {
    await act(provider, 150);
    await visit(page, 'reader', '/logs?live=1');
    await expect(rows(page).nth(1)).toBeVisible();
    await scrollTo(page, 1_500);
    const before = await firstSeen(page);
    await act(provider, 3);
    const show = page.getByRole('button', { name: /^Show \d+ new events$/ });
    await expect(show).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: /^\d+ new events?$/ })).toHaveCount(1);
    expect((await firstSeen(page)).words).toBe(before.words);
    expect(Math.abs((await firstSeen(page)).top - before.top)).toBeLessThanOrEqual(2);
    await show.click();
    await expect(show).toHaveCount(0);
    await expect(rows(page).nth(1)).toContainText('Row0002');
    await expect(rows(page).nth(1)).toBeInViewport();
    // An open row holds them back as well.
    await openers(page).first().press('Enter');
    await expect(page.locator('.c-logs__details')).toHaveCount(1);
    await act(provider, 2);
    await expect(show).toBeVisible();
    await expect(page.locator('.c-logs__details')).toBeInViewport();
});

test('live: more than a page of news leaves no hole when they are shown', async ({ page, provider }) => {
    await visit(page, 'reader', '/logs?live=1');
    await openers(page).first().press('Enter');
    await expect(page.locator('.c-logs__details')).toHaveCount(1);
    await act(provider, 450);
    const show = page.getByRole('button', { name: /^Show \d+ new events$/ });
    // They come in several handfuls, and every one waits until it is asked for.
    await expect(async () => {
        if (await show.isVisible()) await show.click({ timeout: 1_000 });
        await expect(rows(page).nth(1)).toContainText('Row0449', { timeout: 500 });
    }).toPass();
    const sequences: number[] = [];
    for (let down = 0; down < 16_000; down += 600) {
        await scrollTo(page, down);
        const seen = await table(page).locator('.c-logs__target').allTextContents();
        sequences.push(...seen.map((words) => Number(/Row(\d{4})/.exec(words)?.[1] ?? -1)).filter((row) => row >= 0));
    }
    expect([...new Set(sequences)].sort((a, b) => a - b)).toEqual(Array.from({ length: 450 }, (_, at) => at));
});

test('j and k walk the rows, far beyond the first screen, and Enter opens one', async ({ page, provider }) => {
    await act(provider, 250);
    await visit(page, 'reader', '/logs?category=data_access');
    await expect(rows(page).nth(1)).toBeVisible();
    await page.keyboard.press('j');
    await expect(openers(page).first()).toBeFocused();
    for (let at = 1; at <= 60; at += 1) {
        // Quicker than any person: the rows come a few in a frame.
        await expect(openers(page).filter({ hasText: `Row${String(249 - at).padStart(4, '0')}` })).toBeAttached();
        await page.keyboard.press('j');
    }
    await expect(page.locator(':focus')).toContainText('Row0189');
    await expect(page.locator(':focus')).toBeInViewport();
    await page.keyboard.press('k');
    await expect(page.locator(':focus')).toContainText('Row0190');
    await page.keyboard.press('Enter');
    await expect(page.locator(':focus')).toHaveAttribute('aria-expanded', 'true');
    await page.keyboard.press('Enter');
});

test('j and k go on from the first row in sight where scrolling has left the chosen one behind', async ({ page, provider }) => {
    await act(provider, 1_000);
    await visit(page, 'reader', '/logs?category=data_access');
    await expect(rows(page).nth(1)).toBeVisible();
    await page.keyboard.press('j');
    await expect(openers(page).first()).toBeFocused();
    // Just out of sight, where the row is still in the page, and far away, where it is not.
    for (const [down, key] of [[900, 'j'], [3_000, 'k'], [6_000, 'j']] as const) {
        await page.mouse.move(640, 400);
        const before = await page.evaluate(() => window.scrollY);
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY)).toBeGreaterThan(down / 2);
        await page.mouse.wheel(0, down);
        await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(before + down / 2);
        // The wheel goes on for some frames: until nothing has moved for a while.
        await page.evaluate(async () => {
            for (let still = 0, last = -1; still < 12; last = window.scrollY) {
                await new Promise((drawn) => requestAnimationFrame(drawn));
                still = window.scrollY === last ? still + 1 : 0;
            }
        });
        const there = await page.evaluate(() => window.scrollY);
        const first = await openers(page).evaluateAll((all) => all.find((one) => one.getBoundingClientRect().top >= 64)?.textContent ?? '');
        await page.keyboard.press(key);
        await expect(page.locator(':focus')).toHaveText(first);
        expect(Math.abs((await page.evaluate(() => window.scrollY)) - there), `${down} px down`).toBeLessThanOrEqual(2);
        // From there row by row.
        const row = Number(/Row(\d+)/.exec(first)?.[1]);
        await page.keyboard.press('j');
        await expect(page.locator(':focus')).toContainText(`Row${String(row - 1).padStart(4, '0')}`);
    }
});

test('between two filters the row that one reads stays where it is', async ({ page, provider }) => {
    await act(provider, 260);
    // Others of another kind between and above them.
    for (let at = 0; at < 6; at += 1) await provider.raise({ justification: `Between, number ${at}.` });
    const later = await act(provider, 60);
    await visit(page, 'reader', '/logs');
    await expect(rows(page).nth(1)).toBeVisible();
    for (const down of [1_500, 3_000, 4_500]) {
        await scrollTo(page, down);
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(down + 900);
    }
    // The event that one has opened, and from whose details one filters.
    const opener = openers(page).filter({ hasText: 'Row0190' });
    await opener.scrollIntoViewIfNeeded();
    await opener.click();
    const place = async () => Math.round((await openers(page).filter({ hasText: 'Row0190' }).boundingBox())?.y ?? -1);
    const details = page.locator('.c-logs__details');
    await expect(details).toBeVisible();
    const before = await place();
    await details.getByRole('button', { name: /^Only this event: / }).click();
    await expect(page).toHaveURL(/operation=/);
    await expect(page.getByText('Between, number')).toHaveCount(0);
    await expect.poll(async () => Math.abs((await place()) - before)).toBeLessThanOrEqual(40);
    await expect(openers(page).filter({ hasText: 'Row0190' })).toBeInViewport();
    // And back to more, where it is further down the list.
    const narrow = await place();
    await page.goBack();
    await expect(page).not.toHaveURL(/operation=/);
    await expect.poll(async () => Math.abs((await place()) - narrow)).toBeLessThanOrEqual(40);
    await expect(openers(page).filter({ hasText: 'Row0190' })).toBeInViewport();
    // Where it is not in what the next filter lets through, the next older one comes there, or the newest.
    await page.goto(`/logs?request_id=${later}&category=data_access`);
    await expect(rows(page).nth(1)).toContainText('Row0059');
});

test('grant and correlation lead to everything that has them', async ({ page, provider }) => {
    const id = await act(provider, 4);
    await visit(page, 'reader', `/logs?request_id=${id}&category=data_access`);
    await openers(page).first().click();
    const details = page.locator('.c-logs__details');
    await details.getByRole('link', { name: /^gr/ }).click();
    await expect(page).toHaveURL(/\/logs\?grant_id=[^&]+$/);
    // That access was opened, and the four actions.
    await expect(rows(page)).toHaveCount(6);
    await openers(page).first().click();
    const own = details.locator('div').filter({ has: page.getByText('Correlation id', { exact: true }) });
    await own.getByRole('link').click();
    await expect(page).toHaveURL(/\/logs\?correlation_id=[^&]+$/);
});

test.describe('with the clipboard', () => {
    test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

    test('an event is copied as a link, as a call without a secret, and as Markdown', async ({ page, provider, baseURL }) => {
        const id = await act(provider, 1, () => 'SELECT 1 -- ``` <b>');
        await visit(page, 'reader', `/logs?request_id=${id}&category=data_access`);
        const told = (await (await page.request.get(`/api/v1/logs?request_id=${id}&category=data_access`)).json()).items[0];
        await openers(page).first().click();
        const details = page.locator('.c-logs__details');
        const copied = async (name: string) => {
            await details.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
            await expect(details.getByText('Copied')).toBeAttached();
            const text = await pasted(page);
            await expect(details.getByText('Copied')).toHaveCount(0);
            return text;
        };
        const link = await copied('link');
        expect(link).toBe(`${baseURL}/logs?event=${told.id}`);
        const call = await copied('as cURL');
        expect(call).toContain('Authorization: Bearer $LOCKBOX_TOKEN');
        const address = /"(http[^"]*)"/.exec(call)?.[1] ?? '';
        expect(await (await page.request.get(address)).json()).toEqual(told);
        const markdown = await copied('as Markdown');
        for (const line of [`- Event id: \`${told.id}\``, `- Lockbox request: \`${id}\``, '````\nSELECT 1 -- ``` <b>\n````', `<${link}>`]) {
            expect(markdown).toContain(line);
        }
        // The link opens it for whoever follows it.
        await Promise.all([page.waitForResponse(/\/api\/v1\/logs\/summary/), page.goto(link)]);
        await expect(details).toContainText(told.id);
        // It is among the newest: it shows in the table alone.
        await expect(page.getByRole('region', { name: 'The event of this address' })).toHaveCount(0);
    });

    test('a statement is text: never markup, nothing hidden in it, and copied as it was run', async ({ page, provider }) => {
        const statement = '<img src=x onerror="document.title=1">\u202e--evil\u202c SELECT \u200b1';
        const id = await act(provider, 1, () => statement);
        await visit(page, 'reader', `/logs?request_id=${id}&category=data_access`);
        await openers(page).first().click();
        const details = page.locator('.c-logs__details');
        const shown = details.locator('pre').first();
        await expect(shown).toHaveText('<img src=x onerror="document.title=1">⟨U+202E⟩--evil⟨U+202C⟩ SELECT ⟨U+200B⟩1');
        await expect(details.locator('img')).toHaveCount(0);
        await expect(page).toHaveTitle(/^(\(\d+\) )?Logs · Lockbox$/);
        await details.getByRole('button', { name: 'Copy statement' }).click();
        await expect(details.getByText('Copied')).toBeAttached();
        expect(await pasted(page)).toBe(statement);
        await details.getByText('As JSON').click();
        expect(await details.locator('.c-logs__json pre').textContent()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
        await page.goto(`/requests/${id}`);
        await expect(page.locator('pre').first()).toContainText('⟨U+202E⟩--evil⟨U+202C⟩');
        await expect(page.locator('main img')).toHaveCount(0);
    });
});

test('an export that is stopped saves nothing, and the log says so', async ({ page, provider }) => {
    await act(provider, 50);
    await visit(page, 'administrator', '/logs');
    await page.evaluate(() => {
        // Past the first bytes, the rest comes when somebody lets it.
        const real = window.fetch.bind(window);
        window.fetch = async (...given) => {
            const answer = await real(...given);
            const address = given[0] instanceof Request ? given[0].url : String(given[0]);
            if (!address.includes('/logs/export')) return answer;
            const signal = given[0] instanceof Request ? given[0].signal : given[1]?.signal;
            const body = new ReadableStream({
                start(controller) {
                    controller.enqueue(new Uint8Array([115]));
                    signal?.addEventListener('abort', () => controller.error(new DOMException('stopped', 'AbortError')));
                },
            });
            return new Response(body, { status: answer.status, headers: answer.headers });
        };
    });
    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export events' });
    await dialog.getByRole('button', { name: 'Download' }).click();
    await expect(dialog.getByRole('progressbar')).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await expect(dialog.getByText('Nothing was saved')).toBeVisible();
    await expect(dialog.getByText('You stopped it. The log says so, too.')).toBeVisible();
    await expectAccessible(page);
});

test.describe('when the server fails', () => {
    test.use({ allowedConsole: [/Failed to load resource/] });

    test('the log in each of its states has nothing to complain about', async ({ page }) => {
        await visit(page, 'reader', '/logs?q=zzzzzzzz');
        await expect(page.getByText('No event fits these filters')).toBeVisible();
        await expectAccessible(page);
        await page.goto('/logs?category=data_access');
        await openers(page).first().click();
        await expect(page.locator('.c-logs__details')).toHaveCount(1);
        await expectAccessible(page);
        let release = () => {};
        const held = new Promise<void>((go) => (release = go));
        await page.route('**/api/v1/logs?*', async (route) => {
            await held;
            const problem = { type: '/problems/unavailable', title: 'Unavailable', status: 503, detail: 'Try again.', instance: 'req_1' };
            await route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) });
        });
        await page.goto('/logs?outcome=refused');
        await expect(page.getByRole('heading', { level: 1, name: 'Logs' })).toBeVisible();
        await expectAccessible(page);
        release();
        await expect(page.getByText('The log could not be read')).toBeVisible();
        await expectAccessible(page);
    });
});
