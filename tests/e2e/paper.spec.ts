import type { Page } from '@playwright/test';

import { expectWholeOnPaper } from './support/paper.ts';
import { exampleRequest, expect, type Provider, signInByCall, test, visit } from './support/test.ts';

/** One word without end, as long as the wire lets it be. */
const endless = (length: number) => 'W'.repeat(length);

/** Decided, used, with one statement and a justification that are one word each. */
async function endlessRequest(page: Page, provider: Provider): Promise<string> {
    const engineer = { ...(exampleRequest().engineer as object), name: endless(120), team: endless(120) };
    const { id } = await provider.raise({ engineer, justification: endless(2_000) });
    await signInByCall(page.request, 'administrator');
    const etag = (await page.request.get(`/api/v1/lockbox-requests/${id}`)).headers()['etag'] ?? '';
    const approved = await page.request.post(`/api/v1/lockbox-requests/${id}/approve`, {
        data: { justification: endless(2_000), access_minutes: 60 },
        headers: { 'X-Lockbox-Request': '1', 'If-Match': etag },
    });
    expect(approved.status()).toBe(200);
    const grant = (await provider.read(id)).access.grant_id ?? '';
    const answer = await provider.call('POST', `/grants/${grant}/actions`, {
        actions: [{
            id: 'a-1', time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox',
            target: `payroll.dbo.${endless(100)}`, statement: endless(2_000), rows: 1, outcome: 'success',
        }],
    });
    expect(answer.status).toBe(200);
    return id;
}

test('however long a word is, nothing of it is cut on paper', async ({ page, provider }) => {
    const id = await endlessRequest(page, provider);
    await page.goto(`/requests/${id}`);
    await expect(page.getByRole('list', { name: 'What happened' })).toBeVisible();
    await expect(page.getByText(endless(2_000)).first()).toBeVisible();
    await expectWholeOnPaper(page, [endless(2_000), endless(120)]);
    await page.emulateMedia({ media: 'screen' });
    await page.goto('/history?days=7');
    await expect(page.getByRole('table', { name: 'Decided requests' })).toContainText(endless(2_000));
    await expectWholeOnPaper(page, [endless(2_000), endless(120)]);
    await page.emulateMedia({ media: 'screen' });
    await page.goto(`/logs?request_id=${id}`);
    const table = page.getByRole('table', { name: 'Events', exact: true });
    await table.getByRole('row').nth(1).getByRole('button').first().press('Enter');
    await expect(page.locator('.c-logs__details')).toContainText(endless(100));
    await expectWholeOnPaper(page, [endless(100)]);
    await expect(page.getByText(/^Events 1 to \d+ of this filter, newest first\.$/)).toBeVisible();
});

test('a long log on paper has no empty pages for the rows that are not on it, and says which it has', async ({ page, provider }) => {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    const actions = Array.from({ length: 400 }, (_, at) => ({
        id: `a-${at}`, time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox', rows: 1, outcome: 'success',
    }));
    await provider.call('POST', `/grants/${raised.access.grant_id}/actions`, { actions });
    await signInByCall(page.request, 'reader');
    await page.goto('/logs?category=data_access');
    await expect(page.getByRole('table', { name: 'Events', exact: true }).getByRole('row').nth(1)).toBeVisible();
    await page.evaluate(() => window.scrollTo(0, 2_000));
    await expect(page.locator('.c-logs__spacer')).not.toHaveCount(0);
    await page.emulateMedia({ media: 'print' });
    for (const spacer of await page.locator('.c-logs__spacer').all()) await expect(spacer).toBeHidden();
    await expect(page.getByText(/^Events \d+ to \d+ of this filter, newest first\. Export has all of them\.$/)).toBeVisible();
});

test('on paper: organisation, period and time of making, no navigation, no buttons', async ({ page }) => {
    await visit(page, 'reader', '/history');
    await expect(page.getByRole('button', { name: 'Print' })).not.toHaveAttribute('aria-disabled', 'true');
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
    await expect(page.getByRole('main').getByText('Meridian Health')).toBeVisible();
    await expect(page.getByText(/made \d+ \w+ \d{4}/)).toBeVisible();
    await expect(page.getByText(/\d{4} \(UTC\)/).first()).toBeVisible();
    await expect(page.getByRole('navigation')).toHaveCount(0);
    await expect(page.getByRole('button', { name: /Print|Download CSV/ })).toHaveCount(0);
    for (const [format, size] of [['A4', /\/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/], ['Letter', /\/MediaBox \[0 0 612 792\]/]] as const) {
        const pdf = await page.pdf({ format });
        expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
        expect(pdf.length).toBeGreaterThan(10_000);
        // The page asks for no size of its own: the paper is the one that was chosen.
        expect(pdf.toString('latin1')).toMatch(size);
    }
    // Nothing is wider than the paper: on the narrower of the two, between the margins, nothing sticks out.
    for (const width of [612, 595]) {
        await page.setViewportSize({ width: Math.floor(((width - 80) * 96) / 72), height: 900 });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over, `${width} points`).toBeLessThanOrEqual(0);
    }
    // The document's title, which the browser puts on the paper, is the page's.
    expect(await page.title()).toBe('History · Lockbox');
});

test('a request on paper: whose it is, when it was printed, times as they are, no buttons', async ({ page }) => {
    await signInByCall(page.request, 'reader');
    const used = await (await page.request.get('/api/v1/lockbox-requests?view=used&limit=1')).json();
    await page.goto(`/requests/${used.items[0].id}`);
    await expect(page.getByRole('list', { name: 'What happened' })).toBeVisible();
    const time = page.getByRole('list', { name: 'What happened' }).locator('time').first();
    const shown = () => time.evaluate((element) => getComputedStyle(element, '::after').content);
    expect(await shown()).toBe('none');
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('main').getByText(/^Meridian Health · made \d+ \w+ \d{4}/)).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(used.items[0].id);
    expect(await shown()).toMatch(/\d{4}.*UTC/);
    await expect(page.getByRole('navigation')).toHaveCount(0);
    await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
    // Nothing that flows over pages is a grid: what is cut there lies over what follows.
    const grids = await page.getByRole('main').locator('.l-page, .l-split, .l-stack, .c-card__body').evaluateAll((all) =>
        all.map((one) => getComputedStyle(one).display).filter((display) => display !== 'block'));
    expect(grids).toEqual([]);
});

test('the print button prints', async ({ page }) => {
    await page.addInitScript(() => {
        window.print = () => document.documentElement.setAttribute('data-printed', '1');
    });
    await visit(page, 'reader', '/history');
    await expect(page.getByRole('button', { name: 'Print' })).not.toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('button', { name: 'Print' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', '1');
});
