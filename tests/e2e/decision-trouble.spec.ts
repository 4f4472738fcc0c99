import type { Page } from '@playwright/test';

import { askToDecide, justification } from './support/decide.ts';
import { expect, fillSignIn, test, visit } from './support/test.ts';

const WORDS = 'Payroll runs tonight; the ticket is ours.';

/** Holds calls of one kind back until they are let go, and counts them. */
async function hold(page: Page, pattern: string): Promise<{ calls: () => number; release: () => void }> {
    let calls = 0;
    let release = () => {};
    const gate = new Promise<void>((open) => {
        release = open;
    });
    await page.route(pattern, async (route) => {
        calls += 1;
        await gate;
        await route.continue();
    });
    return { calls: () => calls, release };
}

test('a decision is not shown before the server has taken it, and a double click sends one', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const slow = await hold(page, `**/api/v1/lockbox-requests/${id}/approve`);
    const dialog = await askToDecide(page, 'Approve', WORDS);
    const confirm = dialog.getByRole('button', { name: 'Approve access' });
    await confirm.dblclick();
    await expect(confirm).toHaveAttribute('aria-busy', 'true');
    await confirm.press('Enter');
    // The clock of the page goes on while the answer is held back: the countdown proves that time passes here.
    const timer = page.getByRole('timer').first();
    const before = await timer.textContent();
    await expect(timer).not.toHaveText(before ?? '');
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
    await expect(page.getByText('Access approved')).toHaveCount(0);
    await expect(page.getByText('Approved', { exact: true })).toHaveCount(0);
    expect((await provider.read(id)).status).toBe('customer_notified');
    expect(slow.calls()).toBe(1);
    slow.release();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    expect(slow.calls()).toBe(1);
});

test('the network fails at submit: text and choice stay, and the next try goes through', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const approve = `**/api/v1/lockbox-requests/${id}/approve`;
    await page.route(approve, (route) => route.abort('connectionfailed'));
    await page.getByRole('combobox', { name: 'Access period' }).selectOption({ label: '2 hours' });
    const dialog = await askToDecide(page, 'Approve', WORDS);
    await dialog.getByRole('button', { name: 'Approve access' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(justification(page)).toHaveValue(WORDS);
    await expect(page.getByRole('combobox', { name: 'Access period' })).toHaveValue('120');
    expect((await provider.read(id)).status).toBe('customer_notified');

    await page.reload();
    await expect(justification(page)).toHaveValue(WORDS);
    await expect(page.getByRole('combobox', { name: 'Access period' })).toHaveValue('120');

    await page.unroute(approve);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve access' }).click();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    expect((await provider.read(id)).decision).toMatchObject({ outcome: 'approved', justification: WORDS });
});

test('the session ran out: after sign-in one is back, and what was typed is there', async ({ page, context, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    // The look is noted and read again: nothing asks the server any more.
    await expect(page.getByRole('list', { name: 'What happened' })).toContainText('looked at the request');
    const dialog = await askToDecide(page, 'Deny', WORDS);
    await context.clearCookies();
    await dialog.getByRole('button', { name: 'Deny request' }).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    expect((await provider.read(id)).status).toBe('customer_notified');
    await fillSignIn(page, 'approver');
    await expect(page).toHaveURL((url) => url.pathname === `/requests/${id}`);
    await expect(justification(page)).toHaveValue(WORDS);
});

test('somebody else at the same browser does not find what was typed', async ({ page, context, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    await justification(page).fill(WORDS);
    await context.clearCookies();
    await page.reload();
    await expect(page).toHaveURL(/\/sign-in/);
    await fillSignIn(page, 'administrator');
    await expect(justification(page)).toHaveValue('');
});
