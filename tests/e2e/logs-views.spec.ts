import type { Page } from '@playwright/test';

import { expect, expectAccessible, test, visit } from './support/test.ts';

const rows = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' });
const remove = (page: Page, name: string) => chips(page).getByRole('button', { name: `Remove filter ${name}` });

test('a saved view: kept by name, shared, and what the log opens with', async ({ page, another }) => {
    await visit(page, 'administrator', '/logs?outcome=refused&from=now-90d');
    await page.getByRole('button', { name: 'Views' }).click();
    const panel = page.getByRole('dialog', { name: 'Saved views' });
    await panel.getByRole('button', { name: 'Save view' }).click();
    await expect(panel.getByRole('textbox', { name: 'Name' })).toHaveAttribute('aria-invalid', 'true');
    await panel.getByRole('textbox', { name: 'Name' }).fill('What was refused');
    await panel.getByRole('checkbox', { name: 'Share it' }).check();
    await panel.getByRole('checkbox', { name: 'Open the log with it' }).check();
    await panel.getByRole('button', { name: 'Save view' }).click();
    await expect(panel.getByRole('button', { name: 'Open the log with What was refused' })).toHaveAttribute('aria-pressed', 'true');
    // The same name again is refused at its field, and what was typed stays.
    await panel.getByRole('textbox', { name: 'Name' }).fill('What was refused');
    await panel.getByRole('button', { name: 'Save view' }).click();
    await expect(panel.getByRole('textbox', { name: 'Name' })).toHaveAttribute('aria-invalid', 'true');
    await expect(panel.getByRole('textbox', { name: 'Name' })).toHaveValue('What was refused');

    await page.goto('/');
    await page.getByRole('link', { name: 'Logs', exact: true }).click();
    await expect(remove(page, 'Outcome: Refused')).toBeVisible();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect(page).toHaveURL(/\/logs$/);
    await expect(rows(page).filter({ hasText: 'Success' }).first()).toBeVisible();

    const reader = await another();
    await visit(reader, 'reader', '/logs');
    await expect(reader).toHaveURL(/\/logs$/);
    await reader.getByRole('button', { name: 'Views' }).click();
    const theirs = reader.getByRole('dialog', { name: 'Saved views' });
    await expect(theirs).toContainText('by Ana Ruiz');
    await expect(theirs.getByRole('button', { name: /^Delete view/ })).toHaveCount(0);
    await theirs.getByRole('link', { name: 'What was refused' }).click();
    await expect(reader).toHaveURL(/outcome=refused/);

    await page.getByRole('button', { name: 'Views' }).click();
    await panel.getByRole('button', { name: 'Delete view What was refused' }).click();
    await expect(panel).toContainText('No view is saved yet');
});

test('a saved view changes its name, its filter and who sees it; an administrator takes away what others share', async ({ page, another }) => {
    await visit(page, 'reader', '/logs?outcome=refused');
    await page.getByRole('button', { name: 'Views' }).click();
    const panel = page.getByRole('dialog', { name: 'Saved views' });
    for (const name of ['First', 'Second']) {
        await panel.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
        await panel.getByRole('button', { name: 'Save view' }).click();
        await expect(panel.getByRole('link', { name })).toBeVisible();
    }
    await expectAccessible(page);
    await panel.getByRole('button', { name: 'Change view First' }).click();
    const form = panel.getByRole('form', { name: 'Change view First' });
    const change = async (name: string) => {
        await form.getByRole('textbox', { name: 'New name' }).fill(name);
        await form.getByRole('button', { name: 'Save changes' }).click();
    };
    // A name that one has already is refused at its field, and what was typed stays.
    await change('Second');
    await expect(form.getByRole('textbox', { name: 'New name' })).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page);
    await form.getByRole('checkbox', { name: 'Shared' }).check();
    await change('Everything that failed');
    await expect(panel.getByRole('link', { name: 'Everything that failed' })).toBeVisible();
    await expect(panel.getByText('yours, shared')).toHaveCount(1);
    // Saved over with what is shown now.
    await page.keyboard.press('Escape');
    await page.goto('/logs?outcome=failure');
    await page.getByRole('button', { name: 'Views' }).click();
    await panel.getByRole('button', { name: 'Change view Everything that failed' }).click();
    const again = panel.getByRole('form', { name: 'Change view Everything that failed' });
    await again.getByRole('checkbox', { name: 'Save what is shown over it' }).check();
    await again.getByRole('button', { name: 'Save changes' }).click();
    await expect(again).toHaveCount(0);
    await expect(panel.getByRole('link', { name: 'Everything that failed' })).toHaveAttribute('href', '/logs?outcome=failure');

    const administrator = await another();
    await visit(administrator, 'administrator', '/logs');
    await administrator.getByRole('button', { name: 'Views' }).click();
    const theirs = administrator.getByRole('dialog', { name: 'Saved views' });
    await expect(theirs).toContainText('by Priya Nair');
    await expect(theirs.getByRole('button', { name: /^Change view/ })).toHaveCount(0);
    await theirs.getByRole('button', { name: 'Delete view Everything that failed' }).click();
    await expect(theirs).toContainText('No view is saved yet');
    // What is shared no more is nobody else's.
    await panel.getByRole('button', { name: 'Change view Second' }).click();
    await panel.getByRole('form').getByRole('checkbox', { name: 'Shared' }).check();
    await panel.getByRole('form').getByRole('button', { name: 'Save changes' }).click();
    await expect(panel.getByRole('listitem').filter({ hasText: 'Second' })).toContainText('yours, shared');
    await expect(panel.getByText('yours, shared')).toHaveCount(1);
    await panel.getByRole('button', { name: 'Change view Second' }).click();
    await panel.getByRole('form').getByRole('checkbox', { name: 'Shared' }).uncheck();
    await panel.getByRole('form').getByRole('button', { name: 'Save changes' }).click();
    await expect(panel.getByText('yours, shared')).toHaveCount(0);
    await administrator.reload();
    await administrator.getByRole('button', { name: 'Views' }).click();
    await expect(theirs).toContainText('No view is saved yet');
});
