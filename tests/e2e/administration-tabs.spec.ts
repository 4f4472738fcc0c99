import type { Page } from '@playwright/test';

import { expect, NAMES, OWN_CALL, PEOPLE, signInByCall, test, visit } from './support/test.ts';

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
const dialog = (page: Page) => page.getByRole('dialog');

/** Neither the page nor the call shows it to an approver. */
async function expectNotForApprovers(page: Page, path: string, call: string): Promise<void> {
    await visit(page, 'approver', path);
    await expect(page.getByText('Not for your roles')).toBeVisible();
    await expect(page.getByRole('table')).toHaveCount(0);
    expect((await page.request.get(call)).status()).toBe(403);
}

test.describe('Approvers and notifications', () => {
    const ADDRESS = 'night-shift@meridian.example';
    const PATH = '/administration?tab=notifications';
    const addresses = (page: Page) => page.getByRole('list', { name: 'Notification addresses' });
    const field = (page: Page) => page.getByRole('textbox', { name: 'Address' });
    const stored = async (page: Page) => ((await (await page.request.get('/api/v1/notifications')).json()) as { addresses: string[] }).addresses;

    test('an address is added, told about the next request, and removed', async ({ page, provider, server }) => {
        await visit(page, 'administrator', PATH);
        const told = page.getByRole('table', { name: 'Told because of their role' });
        await expect(told.getByRole('row').filter({ hasText: PEOPLE.approver })).toContainText('Approver');
        await expect(save(page)).toHaveAccessibleDescription('Nothing has been changed yet.');
        const before = await stored(page);
        await field(page).fill(ADDRESS);
        await page.getByRole('button', { name: 'Add address' }).click();
        await expect(addresses(page)).toContainText(ADDRESS);
        await expect(field(page)).toHaveValue('');
        // Added is not saved.
        expect(await stored(page)).toEqual(before);
        await save(page).click();
        await expect(page.getByText('Notification addresses saved')).toBeVisible();
        expect(await stored(page)).toEqual([...before, ADDRESS]);

        const { id } = await provider.raise();
        const mailbox = async () => (await (await fetch(`${server.url}/api/v1/demo/mail`)).json()) as { items: { to: string; text: string }[] };
        await expect.poll(async () => (await mailbox()).items.filter((mail) => mail.text.includes(id)).map((mail) => mail.to)).toContain(ADDRESS);

        await page.reload();
        await page.getByRole('button', { name: `Remove ${ADDRESS}` }).click();
        await expect(addresses(page)).not.toContainText(ADDRESS);
        await save(page).click();
        await expect(page.getByText('Notification addresses saved')).toBeVisible();
        expect(await stored(page)).toEqual(before);
    });

    test('what is no address, or stands there already, is refused at its field and stays to be mended', async ({ page }) => {
        await visit(page, 'administrator', PATH);
        const before = await stored(page);
        for (const [wrong, why] of [['nobody', /name@example\.com/], ['', /name@example\.com/], [before[0]!.toUpperCase(), /\w{3,}/]] as const) {
            await field(page).fill(wrong);
            await page.getByRole('button', { name: 'Add address' }).click();
            await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
            await expect(field(page)).toHaveAccessibleDescription(why);
            await expect(field(page)).toHaveValue(wrong);
        }
        await expect(addresses(page).getByRole('listitem')).toHaveCount(before.length);
        await field(page).fill('somebody@meridian.example');
        await page.getByRole('button', { name: 'Add address' }).click();
        await expect(field(page)).not.toHaveAttribute('aria-invalid', 'true');
        await expect(addresses(page).getByRole('listitem')).toHaveCount(before.length + 1);
    });

    test('a reader sees who is told, and why they can’t change it; an approver sees neither', async ({ page, another }) => {
        await visit(page, 'reader', PATH);
        await expect(page.getByRole('table', { name: 'Told because of their role' })).toBeVisible();
        for (const button of [save(page), page.getByRole('button', { name: 'Add address' })]) {
            await expect(button).toHaveAttribute('aria-disabled', 'true');
            await expect(button).toHaveAccessibleDescription(/Only global administrators/);
        }
        const kept = await stored(page);
        const remove = page.getByRole('button', { name: `Remove ${kept[0]}` });
        await expect(remove).toHaveAttribute('aria-disabled', 'true');
        await expect(remove).toHaveAccessibleDescription(/administrator/i);
        await remove.click({ force: true });
        await expect(addresses(page)).toContainText(kept[0]!);
        await expect(field(page)).toHaveAccessibleDescription(/administrator/i);
        const around = await page.request.put('/api/v1/notifications', { data: { addresses: [] }, headers: { ...OWN_CALL, 'If-Match': '"1"' } });
        expect(around.status()).toBe(403);
        await expectNotForApprovers(await another(), PATH, '/api/v1/notifications');
    });
});

test.describe('Members', () => {
    const PATH = '/administration?tab=members';
    const row = (page: Page, name: string) => page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: name });
    const role = (page: Page, name: string) => dialog(page).getByRole('group', { name: 'Roles' }).getByRole('checkbox', { name });
    /** A member as the server has it, for a change beside the page. */
    const member = async (page: Page, email: string) => {
        const { items } = (await (await page.request.get('/api/v1/members')).json()) as { items: { id: string; email: string; version: number; roles: string[] }[] };
        return items.find((one) => one.email === email)!;
    };

    test('a role is given: the row shows it, and its holder may do what it allows', async ({ page, provider, another }) => {
        const { id } = await provider.raise();
        const holder = await another();
        await visit(holder, 'reader', `/requests/${id}`);
        await expect(holder.getByRole('button', { name: 'Approve', exact: true })).toHaveAttribute('aria-disabled', 'true');
        await visit(page, 'administrator', PATH);
        await row(page, NAMES.reader).getByRole('button', { name: `Edit ${NAMES.reader}` }).click();
        await expect(dialog(page)).toHaveAccessibleName(`Roles of ${NAMES.reader}`);
        await expect(role(page, 'Reader')).toBeChecked();
        await role(page, 'Approver').check();
        await save(page).click();
        await expect(dialog(page)).toHaveCount(0);
        await expect(page.getByText(`${NAMES.reader}: roles saved`)).toBeVisible();
        await expect(row(page, NAMES.reader)).toContainText('Approver');
        await holder.reload();
        await expect(holder.getByRole('button', { name: 'Approve', exact: true })).not.toHaveAttribute('aria-disabled', 'true');
    });

    test('somebody changed the roles meanwhile: it is said, nothing chosen is lost, and saving again puts it in place', async ({ page, another }) => {
        // Deaf to what changes, as on a bad line: only the refusal of Save can tell.
        await page.route('**/api/v1/stream*', (route) => route.abort());
        await visit(page, 'administrator', PATH);
        await row(page, NAMES.member).getByRole('button', { name: `Edit ${NAMES.member}` }).click();
        await role(page, 'Reader').check();
        const other = await another();
        await signInByCall(other.request, 'administrator');
        const { id, version } = await member(other, PEOPLE.member);
        const changed = await other.request.put(`/api/v1/members/${id}`, {
            data: { roles: ['member', 'lockbox_approver'] },
            headers: { ...OWN_CALL, 'If-Match': `"${version}"` },
        });
        expect(changed.status()).toBe(200);
        const refused = page.waitForResponse((response) => response.request().method() === 'PUT');
        await save(page).click();
        expect((await refused).status()).toBe(412);
        const told = dialog(page).getByRole('alert').filter({ hasText: 'Somebody changed these roles while you were editing' });
        await expect(told).toContainText(/Approver/);
        await expect(role(page, 'Reader')).toBeChecked();
        await expect(role(page, 'Approver')).not.toBeChecked();
        expect((await member(page, PEOPLE.member)).roles.toSorted()).toEqual(['lockbox_approver', 'member']);
        await save(page).click();
        await expect(dialog(page)).toHaveCount(0);
        expect((await member(page, PEOPLE.member)).roles.toSorted()).toEqual(['lockbox_reader', 'member']);
    });

    test('a reader sees the members, and why they can’t change them; an approver sees neither', async ({ page, another }) => {
        await visit(page, 'reader', PATH);
        const edit = row(page, NAMES.approver).getByRole('button', { name: `Edit ${NAMES.approver}` });
        await expect(edit).toHaveAttribute('aria-disabled', 'true');
        await expect(edit).toHaveAccessibleDescription('Only global administrators can change roles.');
        await edit.click({ force: true });
        await expect(dialog(page)).toHaveCount(0);
        const own = await member(page, PEOPLE.reader);
        const around = await page.request.put(`/api/v1/members/${own.id}`, {
            data: { roles: ['global_administrator'] },
            headers: { ...OWN_CALL, 'If-Match': `"${own.version}"` },
        });
        expect(around.status()).toBe(403);
        await expectNotForApprovers(await another(), PATH, '/api/v1/members');
    });
});

test.describe('API access', () => {
    const PATH = '/administration?tab=tokens';
    const row = (page: Page, name: string) => page.getByRole('table', { name: 'Your tokens' }).getByRole('row').filter({ hasText: name });

    test('a token is made, its secret is shown this once, works, and is refused from its revocation on', async ({ page, server }) => {
        await visit(page, 'approver', PATH);
        await expect(page.getByText('No token', { exact: true })).toBeVisible();
        await page.getByRole('textbox', { name: 'Name' }).fill('Nightly report');
        await page.getByRole('combobox', { name: 'Ends after' }).selectOption({ label: '7 days' });
        await page.getByRole('button', { name: 'Make token' }).click();
        const made = page.getByRole('alert').filter({ hasText: 'Token “Nightly report” is made' });
        await expect(made.getByRole('button', { name: 'Copy the token’s secret' })).toBeVisible();
        const secret = (await made.textContent())?.match(/lbt_[\w-]+/)?.[0] ?? '';
        const call = async () => (await fetch(`${server.url}/api/v1/lockbox-requests`, { headers: { Authorization: `Bearer ${secret}` } })).status;
        expect(await call()).toBe(200);
        await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('');
        await expect(row(page, 'Nightly report')).toHaveCount(1);

        await page.reload();
        await expect(row(page, 'Nightly report')).toHaveCount(1);
        expect(await page.content()).not.toContain(secret);
        expect(JSON.stringify(await (await page.request.get('/api/v1/tokens')).json())).not.toContain(secret);

        await row(page, 'Nightly report').getByRole('button', { name: 'Revoke Nightly report' }).click();
        await expect(dialog(page)).toHaveAccessibleName('Revoke “Nightly report”?');
        await dialog(page).getByRole('button', { name: 'Cancel' }).click();
        expect(await call()).toBe(200);
        await row(page, 'Nightly report').getByRole('button', { name: 'Revoke Nightly report' }).click();
        await dialog(page).getByRole('button', { name: 'Revoke token' }).click();
        await expect(page.getByText('No token', { exact: true })).toBeVisible();
        expect(await call()).toBe(401);
    });

    test('a token without a name is refused at the field; nobody finds another person’s', async ({ page, another }) => {
        await visit(page, 'approver', PATH);
        const name = page.getByRole('textbox', { name: 'Name' });
        await page.getByRole('button', { name: 'Make token' }).click();
        await expect(name).toHaveAttribute('aria-invalid', 'true');
        await expect(name).toHaveAccessibleDescription(/\w{3,}/);
        await expect(name).toBeFocused();
        await expect(page.getByText('No token', { exact: true })).toBeVisible();
        await name.fill('Mine');
        await page.getByRole('button', { name: 'Make token' }).click();
        await expect(row(page, 'Mine')).toHaveCount(1);

        const { items } = (await (await page.request.get('/api/v1/tokens')).json()) as { items: { id: string }[] };
        const other = await another();
        await visit(other, 'administrator', PATH);
        await expect(other.getByText('No token', { exact: true })).toBeVisible();
        const around = await other.request.delete(`/api/v1/tokens/${items[0]!.id}`, { headers: { ...OWN_CALL, 'Content-Type': 'application/json' } });
        expect(around.status()).toBe(404);
        await page.reload();
        await expect(row(page, 'Mine')).toHaveCount(1);
    });
});

test.describe('Versions', () => {
    test.use({ serverFor: 'worker' });

    test('a member sees no earlier setting, neither on the page nor by the call', async ({ page }) => {
        await visit(page, 'member', '/administration?tab=versions');
        await expect(page.getByText('Not for your roles')).toBeVisible();
        await expect(page.getByRole('table')).toHaveCount(0);
        expect((await page.request.get('/api/v1/lockbox/versions')).status()).toBe(403);
    });
});
