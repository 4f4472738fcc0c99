import { expect, type Page, test } from '@playwright/test';

import { openLog, quantile, report, signIn, threadTime } from './figures.ts';

/** Filters that are added and taken away again. */
const FILTERS = 60;
/** From the click to the rows, 95 of 100, at most, milliseconds. */
const LIMIT = 150;

/** From now on notes, for every click, when the rows that it asked for are painted. */
async function watch(page: Page): Promise<void> {
    await page.evaluate(() => {
        const noted = { clicked: 0, took: undefined as number | undefined };
        (window as unknown as { noted: typeof noted }).noted = noted;
        addEventListener('click', (event) => { noted.clicked = event.timeStamp; noted.took = undefined; }, { capture: true });
        const main = document.querySelector('main');
        if (!main) throw new Error('no page');
        let busy = false;
        const look = () => {
            const now = document.querySelector('.c-table-wrap[aria-busy="true"]') !== null;
            if (busy && !now) {
                requestAnimationFrame(() => {
                    // Behind the frame that shows them.
                    const channel = new MessageChannel();
                    channel.port1.onmessage = () => { noted.took = performance.now() - noted.clicked; };
                    channel.port2.postMessage(null);
                });
            }
            busy = now;
        };
        new MutationObserver(look).observe(main, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] });
    });
}

/** Milliseconds from the last click to its rows. */
async function took(page: Page): Promise<number> {
    const told = await page.waitForFunction(() => (window as unknown as { noted: { took?: number } }).noted.took, undefined, { polling: 20 });
    return Number(await told.jsonValue());
}

/** What stands in the table is what the server answers for the address: rows that were there before would be no answer. */
async function expectRows(page: Page): Promise<void> {
    const query = new URL(page.url()).search;
    const answer = await page.request.get(`/api/v1/logs${query}${query ? '&' : '?'}limit=20`);
    const { items } = (await answer.json()) as { items: { time: string; service_request_id: string | null }[] };
    const shown = await page.locator('tr.c-logs__row').evaluateAll((rows) =>
        rows.slice(0, 20).map((row) => `${row.querySelector('time')?.getAttribute('datetime')} ${row.querySelector('td.u-mono')?.textContent}`),
    );
    expect(shown, query).toEqual(items.map((item) => `${item.time.slice(0, 19)}Z ${item.service_request_id ?? ''}`));
}

test('a filter is clicked', async ({ context }) => {
    await signIn(context.request);
    const page = await context.newPage();
    await openLog(page);
    await expect(page.getByRole('button', { name: 'Add filter' })).toBeVisible();
    await watch(page);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const times = { added: { clock: [] as number[], thread: [] as number[] }, 'taken away': { clock: [] as number[], thread: [] as number[] } };
    const measure = async (what: keyof typeof times, click: () => Promise<void>) => {
        const before = await threadTime(cdp);
        await click();
        times[what].clock.push(await took(page));
        times[what].thread.push((await threadTime(cdp)) - before);
    };
    const options = page.getByRole('dialog').getByRole('option');
    for (let number = 0; number < FILTERS; number += 1) {
        await page.getByRole('button', { name: 'Add filter' }).click();
        await expect(options.first()).toBeVisible();
        // Periods of time stand at the end; all others have a count.
        const counted = options.filter({ hasText: /\d$/ });
        const option = counted.nth(number % (await counted.count()));
        await option.scrollIntoViewIfNeeded();
        await measure('added', () => option.click());
        await expect(page.getByRole('dialog')).toHaveCount(0);
        await expectRows(page);
        await measure('taken away', () => page.getByRole('button', { name: /^Remove filter/ }).first().click());
        await expectRows(page);
    }
    for (const [what, { clock, thread }] of Object.entries(times)) {
        report({ what: `filter ${what}, click to rows, 95 of 100`, ours: quantile(clock, 0.95), limit: LIMIT });
        report({ what: `  half of ${FILTERS}`, ours: quantile(clock, 0.5) });
        report({ what: `  the page's processor time, 95 of 100`, ours: quantile(thread, 0.95) });
    }
});
