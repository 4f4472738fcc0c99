import { type BrowserContext, type CDPSession, expect, type Page, test } from '@playwright/test';

import { byHand, kind, type Row, type Table } from './by-hand.ts';
import { openLog, quantile, report, signIn, threadTime } from './figures.ts';

const ROWS = 1_000;
/** Measurements of each; the first ones warm the browser up and do not count. */
const ROUNDS = 13;
const WARM = 3;
/** Rows that are gone over in one measurement of choosing a row: few enough that all of them stay in the page. */
const STEPS = 20;
/** Processor time over that of code written by hand, at most. */
const LIMIT = 1.25;

/** What the table is asked to show, by the actor that the address names. */
type Answers = Record<'nobody' | 'these' | 'others' | 'swapped', Row[]>;
const OPERATIONS = ['created', 'replaced', 'selected', 'swapped'] as const;
type Costs = Record<(typeof OPERATIONS)[number], number[]>;

/** A page with a table, and how to tell what its main thread has done. */
interface Measured {
    page: Page;
    cdp: CDPSession;
}

async function measured(context: BrowserContext): Promise<Measured> {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    return { page, cdp };
}

/** Events of the real log, and the answers that are made of them. */
async function answers(context: BrowserContext): Promise<Answers> {
    const rows: Row[] = [];
    let cursor = '';
    while (rows.length < 2 * ROWS) {
        const answer = await context.request.get(`/api/v1/logs?limit=200&not_category=activity${cursor}`);
        const page = (await answer.json()) as { items: Row[]; next_cursor: string };
        rows.push(...page.items);
        cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
    const [these, others] = [rows.slice(0, ROWS), rows.slice(ROWS, 2 * ROWS)];
    const swapped = [...others];
    [swapped[1], swapped[ROWS - 2]] = [others[ROWS - 2] as Row, others[1] as Row];
    return { nobody: [], these, others, swapped };
}

/** The table is asked for a thousand rows at once; what it asks for beside, such as counts, is left waiting: that is no table. */
async function feed(page: Page, all: Answers): Promise<void> {
    await page.route(/\/api\/v1\/logs\?/, async (route) => {
        const name = new URL(route.request().url()).searchParams.get('actor') as keyof Answers | null;
        if (!name) return route.fallback();
        await route.fulfill({ json: { items: all[name], next_cursor: null } });
    });
    await page.route(/\/api\/v1\/logs\/summary/, () => {});
}

/** Goes to an address as the browser does on Back: the document stays. */
function tell(page: Page): Promise<void> {
    return page.evaluate(() => {
        const show = (path: string) => {
            history.pushState(null, '', path);
            dispatchEvent(new PopStateEvent('popstate', { state: null }));
        };
        (window as unknown as { table: Table }).table = { show };
    });
}

/** Processor time until a table shows what it was told to, all of it painted, milliseconds. */
async function shows(on: Measured, name: keyof Answers, all: Answers): Promise<number> {
    const [second, path] = [all[name][1], `/logs?actor=${name}`];
    await quiet(on);
    const before = await threadTime(on.cdp);
    await on.page.evaluate(
        async ([path, ticket, target]) => {
            const frame = () => new Promise(requestAnimationFrame);
            const rows = document.getElementsByClassName('c-logs__row');
            const button = () => rows[1]?.querySelector('.c-logs__target')?.textContent;
            (window as unknown as { table: Table }).table.show(path);
            const until = performance.now() + 20_000;
            const there = () =>
                ticket === undefined ? rows.length === 0 : rows[1]?.querySelector('td.u-mono')?.textContent === ticket && button() === target;
            do await frame();
            while (!there() && performance.now() < until);
            if (!there()) throw new Error(`the table does not show ${path}`);
            await frame();
            await frame();
        },
        [path, second?.service_request_id ?? undefined, second?.details.target ?? undefined] as const,
    );
    return (await threadTime(on.cdp)) - before;
}

/** Processor time of going from row to row, milliseconds for all steps. */
async function selects(on: Measured): Promise<number> {
    await quiet(on);
    const before = await threadTime(on.cdp);
    await on.page.evaluate(async (steps) => {
        const frame = () => new Promise(requestAnimationFrame);
        const rows = document.getElementsByClassName('c-logs__row');
        rows[0]?.querySelector('button')?.focus();
        for (let step = 0; step < steps; step += 1) {
            document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, cancelable: true }));
            await frame();
        }
        const reached = [...rows].findIndex((row) => row.contains(document.activeElement));
        if (reached !== steps) throw new Error(`${reached} rows on instead of ${steps}`);
        (document.activeElement as HTMLElement).blur();
        scrollTo(0, 0);
        await frame();
    }, STEPS);
    return (await threadTime(on.cdp)) - before;
}

/** What a measurement costs by itself, milliseconds. */
async function nothing(on: Measured): Promise<number> {
    await quiet(on);
    const before = await threadTime(on.cdp);
    await on.page.evaluate(async () => {
        for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
    });
    return (await threadTime(on.cdp)) - before;
}

/** In front, and without rubbish of what was before. */
async function quiet(on: Measured): Promise<void> {
    await on.page.bringToFront();
    await on.cdp.send('HeapProfiler.collectGarbage');
    await on.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20))));
}

async function round(on: Measured, all: Answers, costs: Costs): Promise<void> {
    await shows(on, 'nobody', all);
    const idle = await nothing(on);
    costs.created.push((await shows(on, 'these', all)) - idle);
    costs.replaced.push((await shows(on, 'others', all)) - idle);
    costs.selected.push((await selects(on)) - idle);
    costs.swapped.push((await shows(on, 'swapped', all)) - idle);
}

/** Rows as the page has them, without what frameworks leave between them and without words that age. */
function rowsOf(page: Page): Promise<string[]> {
    return page.evaluate(() =>
        [...document.querySelectorAll('tr.c-logs__row')].map((row) => {
            const copy = row.cloneNode(true) as HTMLElement;
            copy.querySelector('time')?.replaceChildren();
            return copy.outerHTML.replace(/<!--.*?-->/g, '');
        }),
    );
}

test('a thousand rows', async ({ context, baseURL }) => {
    await signIn(context.request);
    const all = await answers(context);
    const ours = await measured(context);
    await feed(ours.page, all);
    // All rows are in the page when they are on the screen: so the table is told of a screen that has room for them.
    await ours.page.addInitScript(() => {
        if (sessionStorage.getItem('tall')) Object.defineProperty(window, 'innerHeight', { get: () => 60_000 });
    });
    await ours.page.goto('/sign-in');
    await ours.page.evaluate(() => sessionStorage.setItem('tall', 'yes'));
    await openLog(ours.page, '/logs?actor=these');
    await expect(ours.page.locator('tr.c-logs__row')).toHaveCount(ROWS);

    // The same page around a table of one's own: its rows copied from the ones that the portal makes.
    const byPortal = await rowsOf(ours.page);
    const templates: Record<string, string> = {};
    for (const name of ['these', 'others'] as const) {
        await tell(ours.page);
        await shows(ours, name, all);
        const made = await ours.page.evaluate(() => [...document.querySelectorAll('tr.c-logs__row')].map((row) => row.outerHTML.replace(/<!--.*?-->/g, '')));
        for (const [index, row] of all[name].entries()) templates[kind(row)] ??= made[index] as string;
    }
    const html = await ours.page.evaluate(() => {
        const copy = document.documentElement.cloneNode(true) as HTMLElement;
        for (const gone of copy.querySelectorAll('script, link:not([rel="stylesheet"]), table.c-logs > tbody > *')) gone.remove();
        return `<!doctype html>${copy.outerHTML}`;
    });
    const hand = await measured(context);
    await feed(hand.page, all);
    await hand.page.route('**/by-hand', (route) => route.fulfill({ body: html, contentType: 'text/html' }));
    await hand.page.goto(`${baseURL}/by-hand`);
    const now = new Date((all.these[0] as Row).time).getTime() + 60_000;
    await hand.page.evaluate(byHand, { templates, now, tail: '&limit=100' });
    await shows(hand, 'these', all);
    expect(await rowsOf(hand.page), 'both make the same rows').toEqual(byPortal);

    await compare(ours, hand, all, `all ${ROWS} in the page`);
    // As people have it: the portal puts into the page what is near the screen.
    await ours.page.evaluate(() => sessionStorage.removeItem('tall'));
    await openLog(ours.page, '/logs?actor=these');
    await tell(ours.page);
    await compare(ours, hand, all, 'as on a screen', LIMIT);
    const most = await ours.page.locator('tr.c-logs__row').count();
    await hand.page.evaluate((most) => {
        (window as unknown as { table: Table }).table.most = most;
    }, most);
    await compare(ours, hand, all, `both only ${most} in the page`);
});

/** Both do everything in turns; reports what is usual. */
async function compare(ours: Measured, hand: Measured, all: Answers, how: string, limit?: number): Promise<void> {
    const costs = (): Costs => ({ created: [], replaced: [], selected: [], swapped: [] });
    const [our, their] = [costs(), costs()];
    for (let turn = 0; turn < ROUNDS; turn += 1) {
        await round(ours, all, our);
        await round(hand, all, their);
    }
    for (const operation of OPERATIONS) {
        const [mine, least] = [our[operation].slice(WARM), their[operation].slice(WARM)];
        const of = operation === 'selected' ? `${STEPS} of ${ROWS} rows` : `${ROWS} rows`;
        report({ what: `${of} ${operation}, ${how}`, ours: quantile(mine, 0.5), least: quantile(least, 0.5), limit });
    }
}
