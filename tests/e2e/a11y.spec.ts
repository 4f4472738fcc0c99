import type { Page } from '@playwright/test';

import { come, landmark, PLACES } from './support/routes.ts';
import { expect, expectAccessible, test } from './support/test.ts';

test.use({ serverFor: 'worker' });

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];

/** Nothing sticks out to the side: what 400 % zoom on a screen of 1,280 px needs, too. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
    const wide = await page.evaluate(() => {
        const room = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= room) return [];
        return [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > room + 1)
            .map((one) => `${one.tagName.toLowerCase()}.${one.className} reaches ${Math.round(one.getBoundingClientRect().right)} of ${room}`)
            .slice(0, 5);
    });
    expect(wide, `${page.url()} at ${page.viewportSize()?.width} px`).toEqual([]);
}

for (const place of PLACES) {
    test(`${place.name}: axe finds nothing, light and dark, wide and narrow; no sideways scroll at 320 px`, async ({ page }) => {
        test.slow();
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await page.goto(await come(page.request, place));
        await expect(landmark(page, place)).toBeVisible();
        await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
        await expect(page).toHaveTitle(/^.+ · Lockbox$/);
        for (const size of SIZES) {
            await page.setViewportSize(size);
            for (const colorScheme of ['light', 'dark'] as const) {
                await page.emulateMedia({ colorScheme });
                await expectAccessible(page);
            }
        }
        await page.setViewportSize({ width: 320, height: 256 });
        await expectNoSidewaysScroll(page);
    });
}

test('open dialogs, the palette and the sheet of keys have no axe faults either', async ({ page }) => {
    test.slow();
    const decision = PLACES.find((place) => place.name === 'decision');
    await page.goto(await come(page.request, decision!));
    await page.getByRole('textbox', { name: 'Justification' }).fill('Fits the ticket.');
    const open: [string, () => Promise<void>][] = [
        ['Approve access', () => page.getByRole('button', { name: 'Approve', exact: true }).click()],
        ['Deny request', () => page.getByRole('button', { name: 'Deny', exact: true }).click()],
        ['Support request', () => page.getByRole('button', { name: 'Show support request' }).click()],
        ['Keyboard shortcuts', () => page.keyboard.press('?')],
    ];
    for (const [name, act] of open) {
        await act();
        await expect(page.getByRole('dialog', { name })).toBeVisible();
        for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await expectAccessible(page);
        }
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
        // A key that opens a sheet works from the page, not from the field that had the focus before.
        await page.getByRole('heading', { level: 1 }).focus();
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Find and go' })).toBeFocused();
    await expectAccessible(page);
});

test('the skip link, landmarks and one h1', async ({ page }) => {
    await page.goto(await come(page.request, PLACES.find((place) => place.name === 'requests')!));
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
    await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(1);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});
