import { expect, NAMES, OWN_CALL, test, visit } from './support/test.ts';

test('open one: errors at their fields, then it is there with what was typed', async ({ page }) => {
    await visit(page, 'member', '/service-requests');
    await page.getByRole('button', { name: 'Open a support request' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open a support request' });
    await dialog.getByRole('button', { name: 'Open support request' }).click();
    for (const name of ['Title', 'Description']) {
        const field = dialog.getByRole('textbox', { name });
        await expect(field).toHaveAttribute('aria-invalid', 'true');
        await expect(field).toHaveAccessibleDescription(/\w/);
    }
    await expect(dialog.getByRole('textbox', { name: 'Title' })).toBeFocused();
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Payslip of November is blank');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('Since this morning, for everybody in Graz.');
    await dialog.getByRole('combobox', { name: 'Severity' }).selectOption({ index: 1 });
    await dialog.getByRole('combobox', { name: 'Environment' }).selectOption({ label: 'Payroll (Azure SQL Database)' });

    // What was typed is kept over closing the dialog and over a reload.
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    // The address follows the dialog: a page read anew before that would show it again.
    await expect(page).toHaveURL(/\/service-requests$/);
    await page.reload();
    await page.getByRole('button', { name: 'Open a support request' }).click();
    await expect(dialog.getByRole('textbox', { name: 'Title' })).toHaveValue('Payslip of November is blank');
    await dialog.getByRole('button', { name: 'Open support request' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Payslip of November is blank');
    await expect(page.getByRole('main')).toContainText('Since this morning, for everybody in Graz.');
    await expect(page.getByRole('main')).toContainText(NAMES.member);

    await page.getByRole('textbox', { name: 'Message' }).fill('It is back for some.');
    await page.getByRole('button', { name: 'Add message' }).click();
    const messages = page.getByRole('list', { name: 'What was said' });
    await expect(messages).toContainText('It is back for some.');
    await expect(messages).toContainText(NAMES.member);
    await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('');
    await page.getByRole('button', { name: 'Add message' }).click();
    await expect(page.getByRole('textbox', { name: 'Message' })).toHaveAttribute('aria-invalid', 'true');
    await page.getByRole('link', { name: 'Support requests', exact: true }).first().click();
    await expect(page.getByRole('row').filter({ hasText: 'Payslip of November is blank' })).toHaveCount(1);
});

test('a member sees their own and nobody else’s', async ({ page }) => {
    await visit(page, 'member', '/service-requests?state=all');
    await expect(page.getByText('2611210050001234')).toHaveCount(0);
    expect((await page.request.get('/api/v1/service-requests/2611210050001234')).status()).toBe(404);
});

test('a message of somebody else appears while a member reads', async ({ page, another }) => {
    await visit(page, 'member', '/service-requests');
    await page.getByRole('button', { name: 'Open a support request' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open a support request' });
    await dialog.getByRole('textbox', { name: 'Title' }).fill('The scanner is slow');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('Since Tuesday.');
    await dialog.getByRole('button', { name: 'Open support request' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The scanner is slow');

    const admin = await another();
    await visit(admin, 'administrator', new URL(page.url()).pathname);
    await admin.getByRole('textbox', { name: 'Message' }).fill('Which one of them?');
    await admin.getByRole('button', { name: 'Add message' }).click();
    await expect(page.getByRole('list', { name: 'What was said' })).toContainText('Which one of them?');
});

test('closing it ends its access and withdraws what waits', async ({ page, provider, another }) => {
    const open = await provider.raise();
    const waiting = await provider.raise();
    await visit(page, 'approver', `/requests/${open.id}`);
    await page.getByRole('textbox', { name: 'Justification' }).fill('Go on.');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve access' }).click();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    const grant = (await provider.read(open.id)).access.grant_id ?? '';
    expect((await provider.check(grant)).allowed).toBe(true);

    const admin = await another();
    await visit(admin, 'administrator', '/service-requests/2611210050001234');
    await expect(admin.getByRole('heading', { level: 1 })).toHaveText('Nightly pay run ends in deadlocks');
    const raised = admin.getByRole('region', { name: /Lockbox requests/ }).or(admin.getByRole('main'));
    await expect(raised.first()).toContainText('Action needed');
    await admin.getByRole('button', { name: 'Close support request' }).click();
    const dialog = admin.getByRole('dialog', { name: 'Close this support request?' });
    await expect(dialog).toContainText('Access open now: 1. Waiting for a decision: 2.');
    await dialog.getByRole('button', { name: 'Close support request' }).click();
    await expect(admin.getByText('Closed', { exact: true }).first()).toBeVisible();
    expect((await provider.check(grant)).allowed).toBe(false);
    expect((await provider.read(waiting.id)).status).toBe('cancelled');
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
    await expect(admin.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
});

test('a reader may look, not write or close', async ({ page }) => {
    await visit(page, 'reader', '/service-requests/2611210050001234');
    const close = page.getByRole('button', { name: 'Close support request' });
    await expect(close).toHaveAttribute('aria-disabled', 'true');
    await expect(close).toHaveAccessibleDescription(/\w{3,}/);
    await close.click({ force: true });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
});

test('of many Lockbox requests the page says how many it shows, leads to all, and counts all before closing', async ({ page, provider }) => {
    test.slow();
    await visit(page, 'member', '/service-requests');
    const made = await page.request.post('/api/v1/service-requests', {
        data: { title: 'Slow', description: 'Every night.', severity: 'high', environment_id: 'env_payroll' },
        headers: OWN_CALL,
    });
    const { id } = (await made.json()) as { id: string };
    const raise = () => provider.raise({ service_request_id: id });
    for (let round = 0; round < 21; round += 1) await Promise.all(Array.from({ length: 10 }, raise));
    await page.goto(`/service-requests/${id}`);
    await expect(page.getByText('200 of 210 shown.')).toBeVisible();
    await page.getByRole('button', { name: 'Close support request' }).click();
    await expect(page.getByRole('dialog')).toContainText('Access open now: 0. Waiting for a decision: 210.');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Show all' }).click();
    await expect(page).toHaveURL(`/requests?view=all&service_request_id=${id}`);
    await expect(page.getByText('Only: one support request')).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: id }).first()).toBeVisible();
});
