import type { Page } from '@playwright/test';

import { expect, expectAccessible, OWN_CALL, signInByCall, test, visit } from './support/test.ts';

// Vienna is an hour or two ahead of UTC: at half past eleven in the evening of UTC it is the next day there.
test.use({ timezoneId: 'Europe/Vienna' });

const day = (at: Date, timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone }).format(at);

/** How many requests the list behind a link holds. */
async function behind(page: Page, href: string): Promise<number> {
    const query = new URL(href, page.url()).searchParams;
    query.set('limit', '200');
    const answer = await page.request.get(`/api/v1/lockbox-requests?${query}`);
    expect(answer.status(), href).toBe(200);
    const { items, next_cursor: more } = await answer.json();
    expect(more ?? null, href).toBeNull();
    return items.length;
}

test('the days of decided requests are those of UTC, as the period is, also at the edge of a day', async ({ page, provider, clock }) => {
    const edge = new Date();
    edge.setUTCHours(23, 30, 0, 0);
    if (edge.getTime() < Date.now()) edge.setUTCDate(edge.getUTCDate() + 1);
    await clock.set(edge);
    const { id } = await provider.raise();
    await signInByCall(page.request, 'approver');
    const etag = (await page.request.get(`/api/v1/lockbox-requests/${id}`)).headers()['etag'] ?? '';
    const denied = await page.request.post(`/api/v1/lockbox-requests/${id}/deny`, {
        data: { justification: 'Not at this hour.' }, headers: { ...OWN_CALL, 'If-Match': etag },
    });
    expect(denied.status()).toBe(200);
    await visit(page, 'reader', '/history?days=7');
    const table = page.getByRole('table', { name: 'Decided requests' });
    const row = table.locator('tbody tr').filter({ hasText: 'Not at this hour.' });
    const utc = day(edge, 'UTC');
    expect(day(edge, 'Europe/Vienna')).not.toBe(utc);
    for (const name of ['Raised (UTC)', 'Decided (UTC)']) {
        await expect(table.getByRole('columnheader', { name, exact: true })).toBeVisible();
        await expect(row.locator(`[data-label="${name}"]`)).toHaveText(utc);
    }
});

test('every cell of the tables beside the lines leads to the rows that it is of', async ({ page }) => {
    await signInByCall(page.request, 'reader');
    // What the page itself was told: asked again, the days might be others.
    const answer = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/history');
    await page.goto('/history?days=90');
    const told = await (await answer).json();
    const card = page.getByRole('region', { name: 'Time to decide' });
    await card.getByRole('button', { name: 'As a table' }).click();
    await page.getByText('The small lines as a table').click();
    // Newest last, in the page as in the answer.
    const known = told.decision_times.map((part: { decided: number }) => part.decided) as number[];
    const at = known.findLastIndex((decided) => decided > 0);
    const times = card.getByRole('table').locator('tbody tr').nth(at);
    await expect(times.getByRole('cell').getByRole('link')).toHaveCount(2);
    for (const link of await times.getByRole('link').all()) expect(await behind(page, (await link.getAttribute('href')) ?? '')).toBe(known[at]);
    const small = page.getByRole('table', { name: 'Figures over time' }).locator('tbody tr').nth(at);
    const cells = small.getByRole('cell');
    const links = await Promise.all((await cells.all()).map((cell) => cell.getByRole('link').getAttribute('href')));
    const [asked, rate, median, p95, expired] = links.map((href) => href ?? '');
    expect(await behind(page, asked!)).toBe(Number(await cells.first().textContent()));
    for (const href of [rate, median, p95]) expect(await behind(page, href!)).toBe(known[at]);
    expect(expired).toContain('status=expired');
    await expectAccessible(page);
});

test('what the others add up to leads to the rows of the period, and says so', async ({ page }) => {
    await signInByCall(page.request, 'reader');
    const many = Array.from({ length: 30 }, (_, at) => ({ key: `env_${at}`, label: `Environment ${at}`, count: 30 - at, approved: 1, hours_granted: 0.5 }));
    await page.route('**/api/v1/history?*', async (route) => {
        const told = await (await route.fetch()).json();
        await route.fulfill({ json: { ...told, by_environment: many, without_request: many } });
    });
    await page.goto('/history?days=90');
    const told = await (await page.request.get('/api/v1/history?from=now-90d')).json();
    const others = (title: string) => page.getByRole('table', { name: title }).locator('tbody tr').last();
    const links = others('By environment').getByRole('link');
    await expect(links).toHaveCount(4);
    await expect(links.first()).toHaveAccessibleName('10 others; leads to all of the period');
    const [all, count, approved, hours] = await Promise.all((await links.all()).map(async (link) => (await link.getAttribute('href')) ?? ''));
    for (const href of [all, count]) expect(await behind(page, href!)).toBe(told.current.requests);
    for (const href of [approved, hours]) expect(await behind(page, href!)).toBe(told.current.approved);
    for (const link of await others('Access without a request').getByRole('link').all()) {
        expect(await behind(page, (await link.getAttribute('href')) ?? '')).toBe(told.current.without_request);
    }
    await expectAccessible(page);
});

test('while the connection is lost, Download CSV is off and says why', async ({ page, context }) => {
    await visit(page, 'reader', '/history');
    const button = page.getByRole('button', { name: 'Download CSV' });
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
    await context.setOffline(true);
    await expect(button).toHaveAccessibleDescription('The connection is lost. This works again when it is back.');
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await context.setOffline(false);
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
});
