import { expect, type Page } from '@playwright/test';

/** What of the page is cut on paper: wider than the sheet, or in a box that would have to be scrolled. */
async function cut(page: Page): Promise<string[]> {
    return page.evaluate(() => {
        const sheet = document.documentElement.clientWidth;
        const name = (one: Element) => `${one.tagName.toLowerCase()}.${one.className}`;
        return [...document.querySelectorAll<HTMLElement>('main *')].filter((one) => one.checkVisibility()).flatMap((one) => {
            const style = getComputedStyle(one);
            // Texts for screen readers alone are one pixel large.
            if (one.closest('.u-hidden, svg') || getComputedStyle(one.closest('thead') ?? one).clipPath !== 'none') return [];
            const right = one.getBoundingClientRect().right;
            const found = right > sheet + 1 ? [`${name(one)} reaches ${Math.round(right)} of ${sheet}`] : [];
            const hides = [style.overflowX, style.overflowY].some((overflow) => overflow !== 'visible');
            if (hides && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)) found.push(`${name(one)} hides some of it`);
            return found;
        });
    });
}

/** Prints to sheets as wide as A4 and Letter are between their margins. */
export async function expectWholeOnPaper(page: Page, contains: string[]): Promise<void> {
    await page.emulateMedia({ media: 'print' });
    for (const points of [595, 612]) {
        await page.setViewportSize({ width: Math.floor(((points - 80) * 96) / 72), height: 900 });
        expect(await cut(page), `${page.url()} on ${points} points`).toEqual([]);
    }
    for (const words of contains) await expect(page.getByRole('main').getByText(words).first()).toBeVisible();
}
