import { readFile } from 'node:fs/promises';

import { expect, signInByCall, test, visit } from './support/test.ts';

test('the figures of a period are those of the server, and lead to the rows behind them', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const main = page.getByRole('main');
    const told = await (await page.request.get('/api/v1/history?from=now-28d')).json();
    await expect(main).toContainText(String(told.current.requests));
    await expect(main).toContainText(`${Math.round(told.current.approval_rate * 100)} %`);
    await expect(main).toContainText(/median time to decide/i);
    await expect(main).toContainText(/hours granted/i);
    await expect(main).toContainText(/access without a request/i);
    await expect(main).toContainText('Denied');
    // The chart has its numbers as a table for whoever can't see it.
    await expect(page.getByRole('table').first()).toBeAttached();
    const rows = page.getByRole('row').filter({ hasText: '2611170050003041' });
    await expect(rows.first()).toContainText('Denied');
    await rows.first().getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
});

test('a figure leads to the rows of its period, and to no others', async ({ page }) => {
    await visit(page, 'reader', '/history?days=7');
    const told = await (await page.request.get('/api/v1/history?from=now-7d')).json();
    const figure = page.getByRole('main').getByRole('link', { name: 'Requests', exact: true });
    await figure.click();
    await expect(page.getByRole('heading', { level: 1, name: 'Requests' })).toBeVisible();
    const rows = page.getByRole('table', { name: 'Requests' }).locator('tbody tr');
    await expect(page.getByText(/^Raised from /)).toBeVisible();
    const within = (await (await page.request.get(`/api/v1/lockbox-requests${new URL(page.url()).search}`)).json()).items.length;
    await expect(rows).toHaveCount(within);
    // History counts what asked the customer; the list also shows what never came so far.
    expect(within).toBeGreaterThanOrEqual(told.current.requests);
    await page.getByRole('link', { name: 'Any time' }).click();
    await expect(page.getByText(/^Raised from /)).toHaveCount(0);
    expect(await rows.count()).toBeGreaterThan(within);
});

test('the period is in the address; Back undoes; nothing in a period says so', async ({ page }) => {
    await visit(page, 'reader', '/history');
    const period = page.getByRole('combobox', { name: 'Period' });
    await period.selectOption({ label: 'Last 7 days' });
    await expect(page).toHaveURL(/days=7/);
    const told = await (await page.request.get('/api/v1/history?from=now-7d')).json();
    await expect(page.getByRole('main')).toContainText(`${Math.round(told.current.approval_rate * 100)} %`);
    await page.goBack();
    await expect(page).toHaveURL(/\/history$/);
    await expect(period).toHaveValue('28');
    await page.goto('/history?from=2020-01-01&to=2020-01-31');
    await expect(page.getByText('Nothing happened in this period')).toBeVisible();
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

test('the print button prints', async ({ page }) => {
    await page.addInitScript(() => {
        window.print = () => document.documentElement.setAttribute('data-printed', '1');
    });
    await visit(page, 'reader', '/history');
    await expect(page.getByRole('button', { name: 'Print' })).not.toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('button', { name: 'Print' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', '1');
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
