import { join } from 'node:path';

import type { Page } from '@playwright/test';

const SIZES = [
    { name: '1440x900', width: 1440, height: 900 },
    { name: '390x844', width: 390, height: 844 },
];

/** Pictures of the page as it is, wide and narrow, light and dark, in `shots/` (not checked in), for people to look at. */
export async function shots(page: Page, name: string): Promise<void> {
    const before = page.viewportSize();
    for (const { name: size, ...viewport } of SIZES) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            const path = join(import.meta.dirname, '..', 'shots', `${name}-${size}-${colorScheme}.png`);
            await page.screenshot({ path, fullPage: true });
        }
    }
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    if (before) await page.setViewportSize(before);
}
