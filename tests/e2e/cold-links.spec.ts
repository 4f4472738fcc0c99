import { readdirSync, readFileSync } from 'node:fs';

import { come, landmark, PLACES } from './support/routes.ts';
import { expect, fillSignIn, test } from './support/test.ts';

test.use({ serverFor: 'worker' });

/** What the head of an answer may weigh. */
const HEADERS = 1_500;
/** What a first view may cost in requests. */
const REQUESTS = 6;

/** The lines `name = value` of one table of a file of the repository's root. */
function table(file: string, name: string): Map<string, string> {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const lines = (text.split(`[${name}]\n`)[1]?.split('\n[')[0] ?? '').split('\n');
    const entries = lines.map((line) => line.match(/^"?([^"=#]+?)"? = "?([^"]+)"?$/)).filter((found) => found !== null);
    if (entries.length === 0) throw new Error(`no [${name}] in ${file}`);
    return new Map(entries.map((found) => [found[1]!, found[2]!]));
}

/** What a cold first view of a route may weigh: the portal's own files, without its data. */
const LIMITS = new Map([...table('budget.toml', 'limits.first_view')].map(([route, bytes]) => [route, Number(bytes.replaceAll('_', ''))]));
const ROUTES = [...table('preload.toml', 'routes').keys()];
/** What a route loads once its page is shown: no part of the first view. */
const AFTER = [...table('preload.toml', 'after')].map(([name, route]) => ({ route, file: `/${name.replaceAll('_', '-')}-` }));

/** The route that shows an address; nothing where the portal has none. */
function routeOf(address: string): string | undefined {
    const { pathname } = new URL(address, 'http://portal');
    return ROUTES.find((route) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname));
}

/** A file that the page asked for; without bytes while it is under way. */
interface Fetched {
    url: string;
    bytes?: number;
}

for (const place of PLACES) {
    test(`${place.name}, cold by its address`, async ({ page }) => {
        const client = await page.context().newCDPSession(page);
        await client.send('Network.enable');
        const files = new Map<string, Fetched>();
        const failed: string[] = [];
        client.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => {
            // The icon of the tab is fetched beside the page and holds nothing up.
            if (!url.startsWith('http') || /^\/(api|provider)\//.test(new URL(url).pathname) || url.includes('/assets/favicon-')) return;
            files.set(requestId, { url });
        });
        client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
            const file = files.get(requestId);
            if (file) file.bytes = encodedDataLength;
        });
        client.on('Network.loadingFailed', ({ requestId, errorText }) => {
            const file = files.get(requestId);
            if (file) failed.push(`${file.url}: ${errorText}`);
        });
        const path = await come(page.request, place);
        await page.goto(path);
        await expect(page.locator('html')).toHaveAttribute('data-boot', 'ready');
        await expect(landmark(page, place)).toBeVisible();
        const route = routeOf(path);
        const later = AFTER.filter((after) => after.route === route).map((after) => after.file);
        const isLater = ({ url }: Fetched) => later.some((file) => url.includes(file));
        for (const file of later) await expect.poll(() => [...files.values()].some(({ url }) => url.includes(file)), file).toBe(true);
        const underWay = () => [...files.values()].filter(({ bytes }) => bytes === undefined).map(({ url }) => url);
        await expect.poll(underWay, 'files still under way').toEqual([]);
        expect(failed).toEqual([]);

        const sum = (all: Fetched[]) => all.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
        const all = [...files.values()].filter((file) => !isLater(file));
        const after = [...files.values()].filter(isLater);
        const bytes = sum(all);
        const afterwards = after.length > 0 ? `; after it ${after.length} more, ${sum(after)} bytes` : '';
        console.log(`figure: first view of ${place.name}: ${all.length} requests, ${bytes} bytes${afterwards}`);
        expect(all.length, all.map((file) => file.url).join('\n')).toBeLessThanOrEqual(REQUESTS);
        for (const file of all) expect(file.bytes, file.url).toBeGreaterThan(0);
        const allowed = LIMITS.get(route ?? '');
        if (allowed !== undefined) expect(bytes, 'bytes of the first view').toBeLessThanOrEqual(allowed + REQUESTS * HEADERS);
        if (path === '/') expect(bytes, 'with the heads of the answers').toBeLessThanOrEqual(200 * 1024);
    });

    if (place.person && !place.open) {
        test(`${place.name}, cold and signed out: sign-in, then there`, async ({ page, request }) => {
            const path = await come(request, place);
            await page.goto(path);
            await expect(page).toHaveURL(/\/sign-in/);
            await fillSignIn(page, place.person ?? 'reader');
            await expect(landmark(page, place)).toBeVisible();
            await expect(page).toHaveURL((url) => url.pathname === new URL(path, url).pathname);
        });
    }
}

/** Every page type that the sources split off. */
function lazyPages(): string[] {
    const sources = new URL('../../src/', import.meta.url);
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.rs'));
    return files.flatMap((file) => [...readFileSync(new URL(file, sources), 'utf8').matchAll(/impl LazyRoute for (\w+)/g)].map((found) => found[1]!));
}

test('every lazily loaded page of the sources is opened cold, by each of its routes', async ({ page }) => {
    const opened = new Set<string | undefined>();
    for (const place of PLACES) opened.add(routeOf(await come(page.request, place)));
    expect(ROUTES.filter((route) => !opened.has(route)), 'routes without a place in support/routes.ts').toEqual([]);
    expect([...LIMITS.keys()].filter((route) => !opened.has(route)), 'routes with a hard limit that are not weighed').toEqual([]);
    const pages = lazyPages();
    expect(pages.length).toBeGreaterThan(10);
    const routed = new Set(table('preload.toml', 'routes').values());
    expect(pages.filter((name) => !routed.has(name)), 'pages without a route in preload.toml').toEqual([]);
    expect([...LIMITS.keys()]).toEqual(expect.arrayContaining(['/', '/requests', '/requests/:id', '/sign-in']));
});

test('loaded again, every file comes from the browser’s own store', async ({ page }) => {
    await page.goto(await come(page.request, PLACES.find((place) => place.name === 'requests')!));
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    // What comes after the page is shown has to be in the store as well.
    for (const { file } of AFTER.filter(({ route }) => route === '/requests')) {
        const come = () => page.evaluate((file) => performance.getEntriesByType('resource').some(({ name }) => name.includes(file)), file);
        await expect.poll(come, file).toBe(true);
    }
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    /** What the page asks for, and where it came from; nothing while it is under way. */
    const files = new Map<string, { path: string; from?: 'store' | 'server' }>();
    const stored = new Set<string>();
    client.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => {
        const path = new URL(url).pathname;
        if (path.startsWith('/assets/')) files.set(requestId, { path });
    });
    client.on('Network.requestServedFromCache', ({ requestId }) => stored.add(requestId));
    client.on('Network.responseReceived', ({ requestId, response }) => {
        const file = files.get(requestId);
        if (file) file.from = stored.has(requestId) || response.fromDiskCache || response.fromPrefetchCache ? 'store' : 'server';
    });
    await page.goto('/requests?view=all');
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    // The stream stays open as long as the page: idle is when nothing but it is under way.
    await expect.poll(() => [...files.values()].filter(({ from }) => from === undefined).map(({ path }) => path), 'under way').toEqual([]);
    const paths = [...files.values()].map(({ path }) => path);
    for (const kind of ['.css', '.js', '.wasm']) expect(paths.filter((path) => path.endsWith(kind)).length, kind).toBeGreaterThan(0);
    for (const path of paths) expect(path).toMatch(/-[0-9a-f]{16}\./);
    expect([...files.values()].filter(({ from }) => from !== 'store'), 'fetched again').toEqual([]);
});

test('the frame of the page stands before the portal has arrived, and one is told when it can’t', async ({ page }) => {
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto('/');
    await expect(page.getByRole('status').filter({ hasText: 'Loading Lockbox' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('data-boot', /loading|retrying/);
});
