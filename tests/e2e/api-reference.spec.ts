import type { Page } from '@playwright/test';

import { expect, signInByCall, test } from './support/test.ts';

test.use({ serverFor: 'worker' });

const call = (page: Page, path: string) => page.getByRole('link', { name: path });
const body = (page: Page, id: string) => page.getByRole('table', { name: `Body, ${id}` });
const row = (page: Page, id: string, field: string) => body(page, id).getByRole('row').filter({ has: page.getByRole('rowheader', { name: field, exact: true }) });

test('everybody may read it: every operation of both descriptions is there', async ({ page }) => {
    for (const [api, path, ours] of [
        ['', '/api/openapi.json', (one: string) => !/^\/(provider|\.well-known)\//.test(one)],
        ['provider', '/provider/openapi.json', () => true],
    ] as const) {
        const description = (await (await page.request.get(path)).json()) as { paths: Record<string, Record<string, { operationId: string }>> };
        const wanted = Object.entries(description.paths)
            .filter(([one]) => ours(one))
            .flatMap(([, item]) => Object.values(item).map((one) => `call-${one.operationId}`));
        expect(wanted.length).toBeGreaterThan(10);
        await page.goto(`/api-reference?api=${api}`);
        await expect(page).toHaveTitle(/^(\(\d+\) )?API reference · Lockbox$/);
        await expect(page.locator('main li[id^="call-"]')).toHaveCount(wanted.length);
        const shown = await page.locator('main li[id^="call-"]').evaluateAll((all) => all.map(({ id }) => id));
        expect(shown.sort()).toEqual(wanted.sort());
        await expect(page).toHaveURL(/\/api-reference/);
        await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
    }
});

test('a call opens in place, by key as well; its address opens it again, Back closes it', async ({ page }) => {
    await page.goto('/api-reference?api=provider');
    const raise = call(page, 'POST /provider/v1/access-requests Raise a request.');
    await expect(raise).toHaveAttribute('aria-expanded', 'false');
    await raise.focus();
    await page.keyboard.press('Enter');
    await expect(raise).toHaveAttribute('aria-expanded', 'true');
    await expect(page).toHaveURL('/api-reference?api=provider&operation=raise_access_request');
    await expect(row(page, 'raise_access_request', 'engineer.location.office_country')).toContainText('string or null');
    await expect(row(page, 'raise_access_request', 'justification')).toContainText('1 to 2,000 characters');
    await expect(row(page, 'raise_access_request', 'justification').getByRole('cell').nth(1)).toHaveText('Yes');
    await expect(row(page, 'raise_access_request', 'access_minutes').getByRole('cell').nth(1)).toHaveText('No');
    await expect(row(page, 'raise_access_request', 'permission_level')).toContainText('One of read write delete administer');
    await page.goBack();
    await expect(raise).toHaveAttribute('aria-expanded', 'false');
    // Cold, and far down: it is in sight.
    await page.goto('/api-reference?operation=revoke_token');
    await expect(call(page, 'DELETE /api/v1/tokens/{id}')).toBeInViewport();
    await page.goto('/api-reference?operation=no_such_call');
    await expect(page.getByText('There is no call named no_such_call here')).toBeVisible();
});

test('what is looked for narrows the list and stands in the address', async ({ page }) => {
    await page.goto('/api-reference');
    await expect(page.getByRole('heading', { level: 2, name: 'Session' })).toBeVisible();
    await page.keyboard.press('/');
    await expect(page.getByRole('searchbox', { name: 'Find a call' })).toBeFocused();
    await page.keyboard.type('post lockbox-requests approve');
    await expect(page.locator('main li[id^="call-"]')).toHaveCount(1);
    await expect(page).toHaveURL('/api-reference?q=post%20lockbox-requests%20approve');
    await page.getByRole('searchbox', { name: 'Find a call' }).fill('post nothing such');
    await expect(page.getByText('No call matches')).toBeVisible();
    await page.getByRole('link', { name: 'Clear the search' }).click();
    await expect(page.locator('main li[id^="call-"]').nth(30)).toBeVisible();
});

test.describe('on a server of its own', () => {
    test.use({ serverFor: 'test' });

    test('the example can be copied, and the server takes it as it is', async ({ page, baseURL }) => {
        // The portal's own policy keeps pages from reading the clipboard: what is written to it is noted here.
        await page.addInitScript(() => {
            navigator.clipboard.writeText = async (text) => void Object.assign(window, { written: text });
        });
        await page.goto('/api-reference?api=provider&operation=raise_access_request');
        await page.getByRole('button', { name: 'Copy the example of raise_access_request' }).click();
        await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
        const command = await page.evaluate(() => (window as unknown as { written: string }).written);
        const url = /^curl -X POST '([^']+)'/.exec(command)?.[1];
        expect(url).toBe(`${baseURL}/provider/v1/access-requests`);
        expect(command).toContain('-H "Authorization: Bearer $LOCKBOX_KEY"');
        const headers = Object.fromEntries([...command.matchAll(/-H '([^:]+): ([^']*)'/g)].map(([, name, value]) => [name!, value!]));
        const answer = await page.request.fetch(url!, {
            method: 'POST',
            headers: { ...headers, Authorization: 'Bearer lbk_demo_provider' },
            data: /-d '([\s\S]*)'$/.exec(command)?.[1] ?? '',
        });
        expect(answer.status()).toBe(201);
    });
});

test('all of it open: no sideways scroll on a phone, nothing of the frame on paper', async ({ page }) => {
    await page.goto('/api-reference?api=provider');
    await page.getByRole('link', { name: 'Open all' }).click();
    await expect(page.getByRole('link', { name: 'Close all' })).toBeVisible();
    await expect(body(page, 'put_environment')).toBeVisible();
    await expect(page.getByRole('heading', { level: 4, name: 'Example' })).toHaveCount(await page.locator('main li[id^="call-"]').count());
    for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('searchbox', { name: 'Find a call' })).toBeHidden();
    await expect(page.getByRole('link', { name: 'Close all' })).toBeHidden();
    await expect(body(page, 'put_environment')).toBeVisible();
});

test('people find it: from sign-in, from API access, from the palette', async ({ page }) => {
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'API reference' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'API reference' })).toBeVisible();
    await signInByCall(page.request, 'member');
    await page.goto('/administration?tab=tokens');
    await page.getByRole('main').getByRole('link', { name: 'API reference' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'API reference' })).toBeVisible();
    await page.goto('/service-requests');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Find and go' })).toBeFocused();
    await page.keyboard.type('api ref');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/api-reference');
});
