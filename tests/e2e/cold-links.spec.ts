import { readFileSync } from 'node:fs';
import { come, PLACES } from './support/routes.ts';
import { expect, fillSignIn, test } from './support/test.ts';

test.use({ serverFor: 'worker' });

/** What the head of an answer may weigh. */
const HEADERS = 1_500;

/** What a cold first view of a path may weigh, from budget.toml: the portal's own files, without its data. */
function limit(path: string): number | undefined {
    const text = readFileSync(new URL('../../budget.toml', import.meta.url), 'utf8');
    const table = text.split('[limits.first_view]')[1]?.split('\n[')[0] ?? '';
    const found = table.split('\n').find((line) => line.startsWith(`"${path}" = `));
    return found === undefined ? undefined : Number(found.split(' = ')[1]!.replaceAll('_', ''));
}

/** What a first view may cost in requests. */
const REQUESTS = 6;

for (const place of PLACES) {
    test(`${place.name}, cold by its address`, async ({ page }) => {
        const client = await page.context().newCDPSession(page);
        await client.send('Network.enable');
        const files = new Map<string, { url: string; bytes: number }>();
        client.on('Network.responseReceived', ({ requestId, response }) => {
            if (!new URL(response.url).pathname.startsWith('/api/')) files.set(requestId, { url: response.url, bytes: 0 });
        });
        client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
            const file = files.get(requestId);
            if (file) file.bytes = encodedDataLength;
        });
        const path = await come(page.request, place);
        await page.goto(path);
        await expect(page.locator('html')).toHaveAttribute('data-boot', 'ready');
        await expect(page.getByRole(place.ready.role, { name: place.ready.name }).first()).toBeVisible();
        // The icon of the tab is fetched beside the page and holds nothing up.
        const isOfPage = (url: string) => url.startsWith('http') && !url.includes('/assets/favicon-');
        const all = [...files.values()].filter((file) => isOfPage(file.url));
        const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
        console.log(`figure: first view of ${place.name}: ${all.length} requests, ${bytes} bytes`);
        expect(all.length, all.map((file) => file.url).join('\n')).toBeLessThanOrEqual(REQUESTS);
        const allowed = limit(new URL(path, 'http://portal').pathname);
        if (allowed !== undefined) expect(bytes, 'bytes of the first view').toBeLessThanOrEqual(allowed + REQUESTS * HEADERS);
        if (path === '/') expect(bytes, 'with the heads of the answers').toBeLessThanOrEqual(200 * 1024);
    });

    if (place.person) {
        test(`${place.name}, cold and signed out: sign-in, then there`, async ({ page, request }) => {
            const path = await come(request, place);
            await page.goto(path);
            await expect(page).toHaveURL(/\/sign-in/);
            await fillSignIn(page, place.person ?? 'reader');
            await expect(page.getByRole(place.ready.role, { name: place.ready.name }).first()).toBeVisible();
            await expect(page).toHaveURL((url) => url.pathname === new URL(path, url).pathname);
        });
    }
}

test('loaded again, every file comes from the browser’s own store', async ({ page }) => {
    await page.goto(await come(page.request, PLACES.find((place) => place.name === 'requests')!));
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    const fetched: string[] = [];
    page.on('response', async (response) => {
        const path = new URL(response.url()).pathname;
        if (path.startsWith('/assets/') && !response.fromServiceWorker() && (await response.request().sizes()).responseBodySize > 0) fetched.push(path);
    });
    await page.goto('/requests?view=all');
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    for (const path of fetched) expect(path).toMatch(/-[0-9a-f]{16}\./);
});

test('the frame of the page stands before the portal has arrived, and one is told when it can’t', async ({ page }) => {
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto('/');
    await expect(page.getByRole('status').filter({ hasText: 'Loading Lockbox' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('data-boot', /loading|retrying/);
});
