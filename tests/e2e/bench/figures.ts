import { appendFileSync } from 'node:fs';

import { type APIRequestContext, type CDPSession, expect, type Page } from '@playwright/test';

/** One line of the table that is printed. */
export interface Figure {
    what: string;
    /** What the portal took. */
    ours: number;
    /** What code written by hand for this one table took, where that is the measure. */
    least?: number;
    /** What `ours`, or the ratio where there is a `least`, may be at most. */
    limit?: number;
}

/** Hands a figure to who asked for it. */
export function report(figure: Figure): void {
    const file = process.env.LOCKBOX_BENCH_FIGURES;
    if (!file) throw new Error('LOCKBOX_BENCH_FIGURES must name a file; `cargo xtask bench logs --part browser` sets it');
    appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

/** The value below which a share of the values lies. */
export function quantile(values: number[], share: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    if (value === undefined) throw new Error('nothing was measured');
    return value;
}

/** Signs in as the one who reads the made-up log; the cookie goes to all pages of the context. */
export async function signIn(request: APIRequestContext): Promise<void> {
    const [email, password] = [process.env.LOCKBOX_BENCH_EMAIL, process.env.LOCKBOX_BENCH_PASSWORD];
    const answer = await request.post('/api/v1/session', { data: { email, password }, headers: { 'X-Lockbox-Request': '1' } });
    expect(answer.status(), 'signing in').toBe(200);
}

/** An open log whose first rows stand. */
export async function openLog(page: Page, path = '/logs'): Promise<void> {
    await page.goto(path);
    await expect(page.locator('tr.c-logs__row').first()).toBeVisible();
}

/**
 * Milliseconds of processor time that the page's main thread has used so far: what it did not use because others had the
 * processor does not count.
 */
export async function threadTime(cdp: CDPSession): Promise<number> {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const found = metrics.find((metric) => metric.name === 'ThreadTime');
    if (!found) throw new Error('this browser does not tell the time of its main thread');
    return found.value * 1_000;
}
