import { expect, type Locator, type Page } from '@playwright/test';

/** The field of the decision page, not the one of a dialog. */
export function justification(page: Page): Locator {
    return page.getByRole('main').getByRole('textbox', { name: 'Justification' });
}

/** Fills in the justification and opens the question before the decision. */
export async function askToDecide(page: Page, verb: 'Approve' | 'Deny', words: string): Promise<Locator> {
    await justification(page).fill(words);
    await page.getByRole('button', { name: verb, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    return dialog;
}

/** Decides, and waits until the server has said so. */
export async function decide(page: Page, verb: 'Approve' | 'Deny', words: string): Promise<void> {
    const dialog = await askToDecide(page, verb, words);
    await dialog.getByRole('button', { name: verb === 'Approve' ? 'Approve access' : 'Deny request' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText(words).first()).toBeVisible();
}

/** Marks the document that is shown; the answer tells later whether it is still that one, so that nothing was loaded again. */
export async function mark(page: Page): Promise<() => Promise<boolean>> {
    await page.evaluate(() => {
        (window as unknown as { marked: boolean }).marked = true;
    });
    return () => page.evaluate(() => (window as unknown as { marked?: boolean }).marked === true);
}
