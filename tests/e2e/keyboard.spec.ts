import type { Page } from '@playwright/test';

import { type Counted, counted } from './support/count.ts';
import { expect, PEOPLE, test, visit } from './support/test.ts';

/** From the decision page to the recorded decision: 4 keys. The text that is typed is not counted. */
async function decide(page: Page, keys: Counted): Promise<void> {
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    await keys.press(page, 'a');
    await expect(page.getByRole('textbox', { name: 'Justification' })).toBeFocused();
    await page.keyboard.type('Fits the ticket: a, d and ? type here.');
    await keys.press(page, 'Control+Enter');
    // It asks first, and what does nothing has the focus.
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
    await keys.press(page, 'Tab');
    await keys.press(page, 'Enter');
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
}

test('from the link to the recorded decision with the keyboard alone, without a password manager: at most 6 keys', async ({ page, provider }) => {
    // Counted is every key, a combination as one, but those that type a text: address, password, justification.
    const { id } = await provider.raise();
    await page.goto(`/requests/${id}`);
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeFocused();
    const keys = counted();
    await page.keyboard.type(PEOPLE.approver);
    await keys.press(page, 'Tab');
    await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
    await page.keyboard.type('demo');
    await keys.press(page, 'Enter');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(id);
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    await decide(page, keys);
    expect((await provider.read(id)).decision).toMatchObject({ outcome: 'approved', justification: 'Fits the ticket: a, d and ? type here.' });
    console.log(`figure: e-mail link to recorded decision: ${keys.count} keys`);
    expect(keys.count).toBeLessThanOrEqual(6);
});

test('the same for somebody who is signed in: 4 keys', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const keys = counted();
    await decide(page, keys);
    expect((await provider.read(id)).decision?.outcome).toBe('approved');
    console.log(`figure: e-mail link to recorded decision, signed in: ${keys.count} keys`);
    expect(keys.count).toBeLessThanOrEqual(4);
});

test('Ctrl Enter approves nothing where nothing is written, and leaves fields of one line alone', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const words = page.getByRole('textbox', { name: 'Justification' });
    await words.focus();
    await page.keyboard.press('Control+Enter');
    await expect(words).toHaveAccessibleDescription(/empty/i);
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await words.fill('Fits the ticket.');
    await page.getByRole('combobox', { name: 'Access period' }).focus();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect((await provider.read(id)).access.state).toBe('none');
});

test('the same with Tab alone, single keys switched off', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByRole('switch', { name: 'Single-key shortcuts' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.keyboard.press('a');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const words = page.getByRole('textbox', { name: 'Justification' });
    await words.focus();
    await page.keyboard.type('By Tab.');
    for (const name of ['Deny', 'Approve']) {
        for (let steps = 0; steps < 4; steps += 1) {
            await page.keyboard.press('Tab');
            if (await page.getByRole('button', { name, exact: true }).evaluate((one) => one === document.activeElement)) break;
        }
        await expect(page.getByRole('button', { name, exact: true })).toBeFocused();
    }
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Approve access' });
    await expect(dialog).toBeVisible();
    // The focus stays inside of the question.
    for (let steps = 0; steps < 5; steps += 1) {
        await page.keyboard.press('Tab');
        const outside = await dialog.evaluate((one) => document.activeElement !== document.body && !one.contains(document.activeElement));
        expect(outside).toBe(false);
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeFocused();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Approve access' }).press('Enter');
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
});

test.describe('going about', () => {
    test.use({ serverFor: 'worker' });

    test('the palette finds a request by its id, and a place by its name', async ({ page }) => {
        await visit(page, 'approver', '/requests');
        const link = page.getByRole('link', { name: /^Payroll, Run SQL statements/ }).first();
        const id = ((await link.getAttribute('href')) ?? '').split('/').at(-1) ?? '';
        await page.keyboard.press('Control+k');
        const field = page.getByRole('combobox', { name: 'Find and go' });
        await expect(field).toBeFocused();
        await page.keyboard.type(id);
        // While it is being typed, its beginning fits others too.
        const found = page.getByRole('option', { name: /^Payroll, Engineer 417/ });
        await expect(found).toHaveCount(1);
        await expect(found).toHaveAttribute('aria-selected', 'true');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('heading', { level: 1 })).toContainText(id);
        await page.keyboard.press('Control+k');
        await page.keyboard.type('histo');
        await expect(page.getByRole('option', { name: 'History' })).toHaveAttribute('aria-selected', 'true');
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/\/history$/);
        await page.keyboard.press('Control+k');
        await page.keyboard.type('no such thing at all');
        await expect(page.getByText('Nothing was found.')).toBeVisible();
        // A search that failed is not one that found nothing.
        await page.route('**/api/v1/lockbox-requests?*q=*', (route) => route.abort());
        await page.getByRole('combobox', { name: 'Find and go' }).fill('zzzzy');
        await expect(page.getByText('The server could not search everything.').first()).toBeVisible();
        await expect(page.getByText('Nothing was found.')).toHaveCount(0);
        await page.unroute('**/api/v1/lockbox-requests?*q=*');
        await page.getByRole('combobox', { name: 'Find and go' }).fill('zzzzyx');
        await expect(page.getByText('Nothing was found.')).toBeVisible();
        await page.keyboard.press('Escape');
        await expect(field).toHaveCount(0);
    });

    test('g and a letter go; the focus is on the heading and the title says where one is', async ({ page }) => {
        await visit(page, 'administrator', '/');
        const places: [string, string, RegExp][] = [
            ['r', 'Requests', /^\(\d+\) Requests · Lockbox$/],
            ['s', 'Support requests', /^\(\d+\) Support requests · Lockbox$/],
            ['l', 'Logs', /^\(\d+\) Logs · Lockbox$/],
            ['h', 'History', /^History · Lockbox$/],
            ['a', 'Administration', /Administration · Lockbox$/],
            ['o', 'Overview', /^\(\d+\) Overview · Lockbox$/],
        ];
        for (const [letter, heading, title] of places) {
            await page.keyboard.press('g');
            await page.keyboard.press(letter);
            await expect(page.getByRole('heading', { level: 1, name: heading })).toBeFocused();
            await expect(page).toHaveTitle(title);
        }
    });

    test('a letter in the first moments of a document does not count as the one after g', async ({ page }) => {
        await visit(page, 'approver', '/requests');
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Requests');
        const press = (key: string, timeStamp: number) =>
            page.evaluate(
                ({ key, timeStamp }) => {
                    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
                    Object.defineProperty(event, 'timeStamp', { value: timeStamp });
                    document.body.dispatchEvent(event);
                },
                { key, timeStamp },
            );
        await press('h', 300);
        await press('g', 400);
        await press('s', 500);
        await expect(page.getByRole('heading', { level: 1, name: 'Support requests' })).toBeFocused();
        await page.goBack();
        await expect(page).toHaveURL(/\/requests$/);
    });

    test('j and k walk the rows, Enter opens, / searches, ? shows the keys', async ({ page }) => {
        await visit(page, 'approver', '/requests');
        const links = page.getByRole('table', { name: 'Requests' }).locator('th').getByRole('link');
        await expect(links.nth(1)).toBeVisible();
        await page.keyboard.press('j');
        await expect(links.nth(0)).toBeFocused();
        await page.keyboard.press('j');
        await expect(links.nth(1)).toBeFocused();
        await page.keyboard.press('k');
        await expect(links.nth(0)).toBeFocused();
        await page.keyboard.press('?');
        const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
        await expect(sheet).toContainText('Approve');
        await page.keyboard.press('j');
        await page.keyboard.press('Escape');
        await expect(sheet).toHaveCount(0);
        await page.keyboard.press('/');
        await expect(page.getByRole('searchbox', { name: 'Search requests' })).toBeFocused();
        await page.keyboard.type('jk?/');
        await expect(page.getByRole('searchbox', { name: 'Search requests' })).toHaveValue('jk?/');
        // The answer to it, before the next one: rows that come and go meanwhile would take the focus along.
        await expect(links).toHaveCount(0);
        await page.getByRole('searchbox', { name: 'Search requests' }).fill('');
        await expect(links.nth(1)).toBeVisible();
        await page.keyboard.press('Escape');
        await page.keyboard.press('j');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
        await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    });

    test('a reader presses a and nothing is decided', async ({ page }) => {
        await visit(page, 'reader', '/requests');
        await page.getByRole('link', { name: /^Payroll, Run SQL statements/ }).first().click();
        await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
        for (const key of ['a', 'd']) await page.keyboard.press(key);
        await expect(page.getByRole('dialog')).toHaveCount(0);
    });
});
