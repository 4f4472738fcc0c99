// A tool, no test: `npm run screenshots` takes every page in both sizes and both themes into `shots/`, and the README's picture.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { come, landmark, PLACES } from './support/routes.ts';
import { expect, shots, test } from './support/test.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

test.use({ serverFor: 'worker', allowedConsole: [/./] });

for (const place of PLACES) {
    test(`pictures of ${place.name}`, async ({ page }) => {
        test.slow();
        await page.goto(await come(page.request, place));
        await expect(landmark(page, place)).toBeVisible();
        await page.waitForLoadState('networkidle').catch(() => {});
        await shots(page, place.name);
        if (place.name !== 'decision') return;

        await page.getByRole('textbox', { name: 'Justification' }).fill('Payroll runs tonight; one hour is enough to read the locks.');
        await page.getByRole('button', { name: 'Approve', exact: true }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await shots(page, 'decision-approve');
        await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: 'Show support request' }).click();
        await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible();
        await shots(page, 'decision-ticket');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('listbox', { name: 'What was found' }).getByRole('option').first()).toBeVisible();
        await shots(page, 'palette');
    });
}

test('the picture of the README', async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(await come(page.request, PLACES.find((place) => place.name === 'decision')!));
    await expect(page.getByRole('textbox', { name: 'Justification' })).toBeVisible();
    const file = join(DOCS, 'decision-page.png');
    await mkdir(DOCS, { recursive: true });
    await page.screenshot({ path: file });
    expect((await stat(file)).size).toBeLessThanOrEqual(200 * 1024);
});
