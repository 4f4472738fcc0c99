import { expect, test } from '@playwright/test';

import { quantile, report, signIn, threadTime } from './figures.ts';

/** Times that the page is opened; what is usual counts. */
const TIMES = 7;

test('the history of a long period', async ({ context }) => {
    await signIn(context.request);
    const [clock, thread]: [number[], number[]] = [[], []];
    let rows = 0;
    for (let time = 0; time < TIMES; time += 1) {
        const page = await context.newPage();
        await page.goto('/history');
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        const cdp = await context.newCDPSession(page);
        await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
        const before = await threadTime(cdp);
        const begin = performance.now();
        const answered = page.waitForResponse((answer) => answer.url().includes('from=now-365d') && answer.ok());
        await page.getByRole('combobox', { name: 'Period', exact: true }).selectOption({ label: 'Last 365 days' });
        await answered;
        await expect(page.getByText('compared with the 365 days before')).toBeVisible();
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        clock.push(performance.now() - begin);
        thread.push((await threadTime(cdp)) - before);
        rows = await page.getByRole('table').last().getByRole('row').count();
        await page.close();
    }
    report({ what: 'page, from choosing the period to the figures', ours: quantile(clock, 0.5) });
    report({ what: 'page, its processor time', ours: quantile(thread, 0.5) });
    report({ what: '  rows of requests in the page', ours: rows });
});
