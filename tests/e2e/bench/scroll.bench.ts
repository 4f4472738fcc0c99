import { type CDPSession, expect, type Page, test } from '@playwright/test';

import { openLog, quantile, report, signIn } from './figures.ts';

const ROWS = 10_000;
/** The processor is made to look so many times slower. */
const SLOWER = 4;
/** Pixels per frame: five rows, 9,600 pixels a second. */
const STEP = 160;
/** A screen at a time, as Page Down does, pixels. */
const LEAP = 720;
/** The longest frame, at most, milliseconds. A screen shows a frame when it is refreshed, 60 times a second: three of its turns, as its clock counts them. */
const LIMIT = 50.5;
/** Times that all of it is done, at most. Others use this machine, too, and they only ever make a frame longer: the shortest of the longest counts. */
const TIMES = Number(process.env.LOCKBOX_BENCH_TIMES ?? 3);

/** How long frames were while one scrolled, milliseconds. */
interface Scrolled {
    longest: number;
    /** The length under which 99 of 100 are. */
    usual: number;
    over: number;
    frames: number;
}

/** Scrolls by so much in every frame until a row is at the top of the screen, as far as there are rows, and watches the frames. */
async function scroll(page: Page, step: number, row: number): Promise<Scrolled> {
    const lengths = await page.evaluate(
        async ([step, row]) => {
            const frame = () => new Promise<number>(requestAnimationFrame);
            const body = document.querySelector('table.c-logs > tbody');
            if (!body) throw new Error('no table');
            const goal = row * 32;
            const gone = () => -body.getBoundingClientRect().top;
            const lengths: number[] = [];
            let last = await frame();
            let waited = 0;
            while (step > 0 ? gone() < goal : gone() > 0) {
                const before = scrollY;
                scrollBy(0, step);
                // At the end of what has been loaded one waits for more.
                waited = scrollY === before ? waited + 1 : 0;
                if (waited > 3_000) throw new Error(`nothing comes after ${gone()} pixels`);
                const now = await frame();
                lengths.push(now - last);
                last = now;
            }
            return lengths;
        },
        [step, row] as const,
    );
    return { longest: Math.max(...lengths), usual: quantile(lengths, 0.99), over: lengths.filter((length) => length > LIMIT).length, frames: lengths.length };
}

async function slower(cdp: CDPSession, rate: number): Promise<void> {
    await cdp.send('Emulation.setCPUThrottlingRate', { rate });
}

test('ten thousand rows', async ({ context }) => {
    await signIn(context.request);
    const ways = { 'the first time, as they come': [], 'back': [], 'a screen at a time': [] } as Record<string, Scrolled[]>;
    for (let time = 0; time < TIMES; time += 1) {
        const page = await context.newPage();
        const cdp = await context.newCDPSession(page);
        await openLog(page);
        await slower(cdp, SLOWER);
        ways['the first time, as they come']?.push(await scroll(page, STEP, ROWS));
        expect(await page.locator('tr.c-logs__row').count(), 'the table keeps only what is near the screen').toBeLessThan(100);
        ways['back']?.push(await scroll(page, -STEP, 0));
        ways['a screen at a time']?.push(await scroll(page, LEAP, ROWS));
        await slower(cdp, 1);
        await page.close();
        if (Object.values(ways).every((times) => times.some(({ longest }) => longest <= LIMIT))) break;
    }
    for (const [way, times] of Object.entries(ways)) {
        const best = times.reduce((one, other) => (other.longest < one.longest ? other : one));
        report({ what: `longest frame, ${ROWS} rows ${way}`, ours: best.longest, limit: LIMIT });
        report({ what: `  99 of 100 frames`, ours: best.usual });
        report({ what: `  over ${LIMIT} ms, of ${best.frames} frames`, ours: best.over });
        report({ what: `  longest in every run: ${times.map(({ longest }) => longest.toFixed(0)).join(', ')}`, ours: best.longest });
    }
});
