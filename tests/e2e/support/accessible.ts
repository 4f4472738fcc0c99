import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails with one line per fault and element if axe finds anything on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
    // A colour on its way to another is no fault of either.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const faults = violations.flatMap((violation) =>
        violation.nodes.map((node) => `${violation.id}: ${violation.help} at ${node.target.join(' ')}`),
    );
    expect(faults, `axe on ${page.url()}`).toEqual([]);
}

/** The same, light and dark. */
export async function expectAccessibleInBoth(page: Page): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
    }
}
