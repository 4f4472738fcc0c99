import type { Page } from '@playwright/test';

import { askToDecide, justification } from './support/decide.ts';
import { expect, test, visit } from './support/test.ts';

const WORDS = 'Payroll runs tonight; the ticket is ours.';

/**
 * Puts something into the page's next approval that the page itself would not have sent: what a page of an older version might. The
 * server's own refusal comes back to the page.
 */
async function spoil(page: Page, id: string, changes: Record<string, unknown>): Promise<() => Promise<{ pointer: string; message: string }[]>> {
    const path = `**/api/v1/lockbox-requests/${id}/approve`;
    await page.route(path, (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), ...changes }) }), { times: 1 });
    const answered = page.waitForResponse(path);
    return async () => {
        const answer = await answered;
        expect(answer.status()).toBe(422);
        expect(answer.headers()['content-type']).toContain('application/problem+json');
        return ((await answer.json()) as { errors: { pointer: string; message: string }[] }).errors;
    };
}

for (const { field, changes, pointer } of [
    { field: 'Justification', changes: { justification: ' ' }, pointer: '/justification' },
    { field: 'Access period', changes: { access_minutes: 0 }, pointer: '/access_minutes' },
] as const) {
    test(`the server refuses what stands in ${field}: it says so at that field, and nothing typed or chosen is lost`, async ({ page, provider }) => {
        const { id } = await provider.raise();
        await visit(page, 'approver', `/requests/${id}`);
        const period = page.getByRole('combobox', { name: 'Access period' });
        await period.selectOption({ label: '2 hours' });
        const dialog = await askToDecide(page, 'Approve', WORDS);
        const refusal = await spoil(page, id, changes);
        await dialog.getByRole('button', { name: 'Approve access' }).click();
        const errors = await refusal();
        expect(errors.map((error) => error.pointer)).toEqual([pointer]);
        await expect(dialog).toHaveCount(0);

        const wrong = field === 'Justification' ? justification(page) : period;
        const sound = field === 'Justification' ? period : justification(page);
        await expect(wrong).toHaveAttribute('aria-invalid', 'true');
        // Every character of the server's sentence as it is, also a dot.
        const told = errors[0]!.message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
        await expect(wrong).toHaveAccessibleDescription(new RegExp(told));
        await expect(sound).not.toHaveAttribute('aria-invalid', 'true');
        await expect(justification(page)).toHaveValue(WORDS);
        await expect(period).toHaveValue('120');
        expect((await provider.read(id)).status).toBe('customer_notified');

        await page.getByRole('button', { name: 'Approve', exact: true }).click();
        await dialog.getByRole('button', { name: 'Approve access' }).click();
        await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
        expect((await provider.read(id)).decision).toMatchObject({ outcome: 'approved', justification: WORDS });
    });
}
