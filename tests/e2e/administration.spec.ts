import type { Page } from '@playwright/test';

import { exampleRequest, expect, fillSignIn, NAMES, OWN_CALL, signInByCall, test, visit } from './support/test.ts';

const control = (page: Page) => page.getByRole('switch', { name: 'Lockbox' });
const scope = (page: Page, name: string) =>
    page.getByRole('radiogroup', { name: 'Protected environments' }).getByRole('radio', { name });
const environment = (page: Page, name: string) =>
    page.getByRole('group', { name: 'Environments', exact: true }).getByRole('checkbox', { name, exact: true });
const review = (page: Page) => page.getByRole('button', { name: 'Review changes' });
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
const preview = (page: Page) => page.getByRole('group', { name: 'What would change' });

/** Another administrator takes every environment out of the policy. */
async function protectNothing({ request }: Page): Promise<void> {
    await signInByCall(request, 'administrator');
    const change = await request.put('/api/v1/lockbox', {
        data: { enabled: true, policy: { scope: 'none', environment_ids: [] }, queue_hours: null, reason: null },
        headers: { ...OWN_CALL, 'If-Match': (await request.get('/api/v1/lockbox')).headers()['etag'] ?? '' },
    });
    expect(change.status()).toBe(200);
}

test('review shows what gains, what loses and which request is touched; then it is saved', async ({ page, provider }) => {
    await visit(page, 'administrator', '/administration');
    await expect(control(page)).toBeChecked();
    await expect(scope(page, 'Some environments')).toBeChecked();
    await expect(review(page)).toHaveAttribute('aria-disabled', 'true');
    await expect(review(page)).toHaveAccessibleDescription('Nothing has been changed yet.');

    await page.getByRole('searchbox', { name: 'Search environments' }).fill('sand');
    await expect(environment(page, 'Payroll')).toBeHidden();
    await environment(page, 'Sandbox').check();
    await page.getByRole('searchbox', { name: 'Search environments' }).fill('');
    await environment(page, 'Payroll').uncheck();
    await review(page).click();
    await expect(preview(page)).toBeFocused();
    await expect(preview(page)).toContainText('Gain protection (1)');
    await expect(preview(page)).toContainText('Lose protection (1)');
    await expect(preview(page).getByRole('list').filter({ hasText: 'Sandbox' }).first()).toBeVisible();
    await expect(preview(page).getByRole('link', { name: /^Payroll, lbx_/ }).first()).toBeVisible();
    // Nothing holds yet.
    expect((await provider.raise()).status).toBe('customer_notified');

    await page.getByRole('textbox', { name: 'Reason (optional)' }).fill('Payroll moves to its own lockbox.');
    await save(page).click();
    await expect(page.getByText('Saved as version 4')).toBeVisible();
    expect(await provider.raise()).toMatchObject({ status: 'not_required', status_reason: 'environment_not_protected' });

    await page.getByRole('link', { name: 'Versions', exact: true }).click();
    const newest = page.getByRole('table', { name: 'Versions of the Lockbox setting' }).getByRole('row').nth(1);
    await expect(newest.getByRole('rowheader')).toHaveText(/^4\b/);
    await expect(newest).toContainText('In force');
    await expect(newest).toContainText(NAMES.administrator);
    await expect(newest).toContainText('Payroll moves to its own lockbox.');
    await expect(page.getByRole('table').getByRole('row')).toHaveCount(5);
});

test('the switch: off, reviewed and saved, nobody is asked any more; on again they are', async ({ page, provider }) => {
    await visit(page, 'administrator', '/administration');
    await control(page).click();
    await expect(control(page)).not.toBeChecked();
    expect((await provider.raise()).status).toBe('customer_notified');
    await review(page).click();
    await expect(preview(page)).toContainText('Lose protection (5)');
    await save(page).click();
    await expect(page.getByText('Saved as version 4')).toBeVisible();
    expect(await provider.raise()).toMatchObject({ status: 'not_required', status_reason: 'lockbox_disabled' });
    await control(page).click();
    await scope(page, 'All environments').check();
    await review(page).click();
    await expect(preview(page)).toContainText('Gain protection (7)');
    await save(page).click();
    await expect(page.getByText('Saved as version 5')).toBeVisible();
    const sandbox = { environment_id: 'env_sandbox', targets: [], service_request_id: '2611150040005512' };
    expect((await provider.raise(sandbox)).status).toBe('customer_notified');
});

test('somebody else saved meanwhile: nothing is lost, and both are shown', async ({ page, another }) => {
    // Deaf to what changes, as on a bad line: only the refusal of Save can tell.
    await page.route('**/api/v1/stream*', (route) => route.abort());
    await visit(page, 'administrator', '/administration');
    await scope(page, 'All environments').check();
    await review(page).click();
    await expect(preview(page)).toContainText('Gain protection (2)');
    await protectNothing(await another());
    const refused = page.waitForResponse((response) => response.request().method() === 'PUT');
    await save(page).click();
    expect((await refused).status()).toBe(412);
    const told = page.getByRole('alert').filter({ hasText: 'Somebody changed the setting' });
    await expect(told).toContainText(`${NAMES.administrator} saved version 4`);
    await expect(told).toContainText('On, no environments');
    await expect(told).toContainText('On, all environments');
    await expect(scope(page, 'All environments')).toBeChecked();
    expect((await (await page.request.get('/api/v1/lockbox')).json()).version).toBe(4);
    await page.getByRole('button', { name: 'Review again' }).click();
    await expect(preview(page)).toContainText('Gain protection (7)');
    await save(page).click();
    await expect(page.getByText('Saved as version 5')).toBeVisible();
});

test('a stale If-Match gets 412 with the current version, none gets 428', async ({ page }) => {
    await signInByCall(page.request, 'administrator');
    const data = { enabled: false, policy: { scope: 'none', environment_ids: [] }, queue_hours: null, reason: null };
    const stale = await page.request.put('/api/v1/lockbox', { data, headers: { ...OWN_CALL, 'If-Match': '"1"' } });
    expect(stale.status()).toBe(412);
    expect(await stale.json()).toMatchObject({ status: 412, current_version: 3 });
    expect((await page.request.put('/api/v1/lockbox', { data, headers: OWN_CALL })).status()).toBe(428);
    expect((await (await page.request.get('/api/v1/lockbox')).json()).enabled).toBe(true);
});

test('hours to decide that are no number from 1 up stay with the error at the field', async ({ page }) => {
    await visit(page, 'administrator', '/administration');
    const hours = page.getByRole('spinbutton', { name: 'Hours to decide' });
    await hours.fill('0');
    await review(page).click();
    await expect(hours).toHaveAttribute('aria-invalid', 'true');
    await expect(preview(page)).toHaveCount(0);
    await hours.fill('6');
    await review(page).click();
    await expect(preview(page)).toContainText('6 hours');
});

for (const person of ['approver', 'reader'] as const) {
    test(`the ${person} reads the setting and why it can't be changed`, async ({ page }) => {
        await visit(page, person, '/administration');
        await expect(page.getByText('You can look, but not change anything here')).toBeVisible();
        await expect(control(page)).toHaveAttribute('aria-disabled', 'true');
        await expect(control(page)).toHaveAccessibleDescription(/administrator/i);
        await control(page).click({ force: true });
        await expect(control(page)).toBeChecked();
        await scope(page, 'No environments').click({ force: true });
        await expect(scope(page, 'Some environments')).toBeChecked();
        await expect(review(page)).toHaveAccessibleDescription(/administrator/i);
        const hours = page.getByRole('spinbutton', { name: 'Hours to decide' });
        await expect(hours).toHaveAttribute('readonly');
        await expect(hours).toHaveAccessibleDescription(/administrator.*catalog/is);
        const was = await environment(page, 'Sandbox').isChecked();
        await environment(page, 'Sandbox').click({ force: true });
        await expect(environment(page, 'Sandbox')).toBeChecked({ checked: was });
        await expect(environment(page, 'Sandbox')).toHaveAccessibleDescription(/administrator/i);
        const around = await page.request.put('/api/v1/lockbox', {
            data: { enabled: false, policy: { scope: 'none', environment_ids: [] }, queue_hours: null, reason: null },
            headers: { ...OWN_CALL, 'If-Match': '"3"' },
        });
        expect(around.status()).toBe(403);
    });
}

test('an environment that is not covered: nobody is asked, access opens and the customer can see it', async ({ page, provider }) => {
    const raised = await provider.raise({ environment_id: 'env_sandbox', service_request_id: '2611150040005512', targets: [] });
    expect(raised).toMatchObject({ status: 'not_required', status_reason: 'environment_not_protected', access: { state: 'active' } });
    const check = { environment_id: 'env_sandbox', target: 'sandbox.dbo.Flow', operation: (exampleRequest().operations as string[])[0] };
    expect((await provider.check(raised.access.grant_id ?? '', check)).allowed).toBe(true);
    await visit(page, 'reader', `/requests/${raised.id}`);
    await expect(page.getByRole('main')).toContainText('The policy does not protect this environment.');
    await page.goto('/requests?view=all&status=not_required');
    await expect(page.getByRole('row').filter({ hasText: '2611150040005512' }).first()).toContainText('Not required');
    await page.goto(`/logs?request_id=${raised.id}`);
    await expect(page.getByRole('button', { name: /Access Without Request/ })).toBeVisible();
    await page.goto('/history');
    const told = await (await page.request.get('/api/v1/history?from=now-28d')).json();
    expect(told.current.without_request).toBeGreaterThan(0);
    await expect(page.getByRole('term').filter({ hasText: /^Access without a request$/ }).locator('xpath=following-sibling::dd[1]')).toHaveText(
        String(told.current.without_request),
    );
});

/** Lets the session end and comes back by the sign-in page, as a person would. */
async function signInAgain(page: Page): Promise<void> {
    await page.context().clearCookies();
    // The next call finds out.
    await page.getByRole('link', { name: 'Versions' }).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await fillSignIn(page, 'administrator');
}

test('what was chosen is kept over a session that ended: switch, scope, environments, hours', async ({ page }) => {
    await visit(page, 'administrator', '/administration');
    await scope(page, 'Some environments').check();
    const sandbox = environment(page, 'Sandbox');
    const was = await sandbox.isChecked();
    await sandbox.setChecked(!was);
    await page.getByRole('spinbutton', { name: 'Hours to decide' }).fill('7');
    await page.context().clearCookies();
    await review(page).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await expect(page.getByRole('main')).toContainText('What you typed is kept');
    await fillSignIn(page, 'administrator');
    await expect(page).toHaveURL(/\/administration$/);
    await expect(page.getByText('What you chose before is here again')).toBeVisible();
    await expect(sandbox).toBeChecked({ checked: !was });
    await expect(page.getByRole('spinbutton', { name: 'Hours to decide' })).toHaveValue('7');
    await expect(page.getByRole('alert').filter({ hasText: 'Somebody changed' })).toHaveCount(0);
    await review(page).click();
    await expect(preview(page)).toContainText('7 hours');
    await page.getByRole('button', { name: 'Take what is in force' }).click();
    await expect(sandbox).toBeChecked({ checked: was });
    await page.reload();
    await expect(sandbox).toBeChecked({ checked: was });
    await expect(page.getByText('What you chose before is here again')).toHaveCount(0);
});

test('where somebody saved before the person was back, what was kept stands beside it, and is not put over it', async ({ page, another }) => {
    await visit(page, 'administrator', '/administration');
    await scope(page, 'All environments').check();
    await page.context().clearCookies();
    await review(page).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await protectNothing(await another());
    await fillSignIn(page, 'administrator');
    const told = page.getByRole('alert').filter({ hasText: 'Somebody changed the setting' });
    await expect(told).toContainText('On, no environments');
    await expect(told).toContainText('On, all environments');
    // Also after another look.
    await page.reload();
    await expect(told).toContainText('On, all environments');
    await expect(review(page)).toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('button', { name: 'Review again' }).click();
    await expect(preview(page)).toContainText('Gain protection (7)');
});

test('addresses, roles and the name of a token are kept as well; closing the dialog of roles drops them', async ({ page }) => {
    await visit(page, 'administrator', '/administration?tab=notifications');
    await page.getByRole('textbox', { name: 'Address' }).fill('night@meridian.example');
    await page.getByRole('button', { name: 'Add address' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill('half');
    await signInAgain(page);
    await page.goto('/administration?tab=notifications');
    await expect(page.getByRole('list', { name: 'Notification addresses' })).toContainText('night@meridian.example');
    await expect(page.getByRole('textbox', { name: 'Address' })).toHaveValue('half');
    await expect(page.getByText('Changed, not saved yet')).toBeVisible();

    await page.goto('/administration?tab=members');
    const open = () => page.getByRole('button', { name: `Edit ${NAMES.reader}` }).click();
    const dialog = page.getByRole('dialog', { name: `Roles of ${NAMES.reader}` });
    await open();
    await dialog.getByRole('checkbox', { name: 'Approver' }).check();
    await page.context().clearCookies();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await fillSignIn(page, 'administrator');
    await open();
    await expect(dialog.getByRole('checkbox', { name: 'Approver' })).toBeChecked();
    await expect(dialog.getByText('What you chose before is here again')).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await open();
    await expect(dialog.getByRole('checkbox', { name: 'Approver' })).not.toBeChecked();
    await page.keyboard.press('Escape');

    await page.goto('/administration?tab=tokens');
    await page.getByRole('textbox', { name: 'Name' }).fill('nightly report');
    await page.getByRole('combobox', { name: 'Ends after' }).selectOption({ label: '30 days' });
    await signInAgain(page);
    await page.goto('/administration?tab=tokens');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('nightly report');
    await expect(page.getByRole('combobox', { name: 'Ends after' })).toHaveValue('30');
});
