import type { Locator, Page } from '@playwright/test';

/** Counts what a person's fingers do. */
export interface Counted {
    readonly count: number;
    /** One tap. */
    tap(locator: Locator): Promise<void>;
    /** One press of a key. */
    press(page: Page, key: string): Promise<void>;
}

export function counted(): Counted {
    let count = 0;
    return {
        get count() {
            return count;
        },
        async tap(locator) {
            count += 1;
            await locator.tap();
        },
        async press(page, key) {
            count += 1;
            await page.keyboard.press(key);
        },
    };
}
