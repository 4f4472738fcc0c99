import type { Page } from '@playwright/test';

import { exampleRequest, expect, NAMES, OWN_CALL, signIn, signInByCall, test, visit } from './support/test.ts';

/** Of the request's page, not of a dialog. */
const justification = (page: Page) => page.getByRole('main').getByRole('textbox', { name: 'Justification' });
const rows = (page: Page) => page.getByRole('table', { name: 'Internal approvals' }).getByRole('row');

async function decide(page: Page, verb: 'Approve' | 'Reject', words: string): Promise<void> {
    await justification(page).fill(words);
    await page.getByRole('button', { name: verb, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `${verb} request` });
    await dialog.getByRole('button', { name: `${verb} request` }).click();
    await expect(dialog).toHaveCount(0);
}

/** A request that a support lead must approve first. */
const DELETE = { permission_level: 'delete', justification: 'Remove the test pay run.' };

test('a lead signs in at their own place, reads, approves; then the customer is asked and sees role and team', async ({ page, provider, another }) => {
    const { id, status } = await provider.raise(DELETE);
    expect(status).toBe('awaiting_internal_approval');
    await signIn(page, 'lead', '/internal-approvals');
    await expect(page.getByText('You approve as: Support lead.')).toBeVisible();
    // One stands in the demo's present.
    await expect(rows(page)).toHaveCount(3);
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await expect(navigation.getByRole('link')).toHaveText(['Internal approvals']);
    const row = rows(page).filter({ has: page.locator(`a[href$="${id}"]`) });
    await expect(row).toContainText('Meridian Health');
    await expect(row).toContainText('Support lead (you)');
    await expect(row.getByRole('timer')).toHaveText(/1[12]:\d\d:\d\d/);
    await row.getByRole('link').click();

    await expect(page.getByRole('heading', { level: 1 })).toContainText(id);
    const main = page.getByRole('main');
    await expect(page.getByRole('region', { name: 'What is asked' })).toContainText('Engineer 417 (Database support, Ireland) wants to run SQL statements in Payroll');
    await expect(main).toContainText('Meridian Health');
    await expect(main).toContainText('delete-needs-support-lead');
    // In words for colleagues: the customer is somebody else here.
    await expect(main).toContainText('Access that can delete: a support lead approves first.');
    await expect(main).not.toContainText(/\byou are asked\b/);
    await expect(main).toContainText('Not given yet: the approval of Support lead');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(justification(page)).toBeFocused();
    await expect(justification(page)).toHaveAttribute('aria-invalid', 'true');
    await justification(page).fill('The customer asked for it in the ticket.');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(page.getByRole('dialog', { name: 'Approve request' })).toContainText('Meridian Health is asked to decide');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect((await provider.read(id)).status).toBe('awaiting_internal_approval');
    await decide(page, 'Approve', 'The customer asked for it in the ticket.');
    await expect(main).toContainText('the request went on');
    await expect(main).toContainText(`${NAMES.lead} (Support lead, Customer support) approved`);
    await expect(justification(page)).toHaveCount(0);
    expect((await provider.read(id)).status).toBe('customer_notified');

    const customer = await another();
    await visit(customer, 'approver', `/requests/${id}`);
    await expect(customer.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    await expect(customer.getByRole('main')).toContainText('Before you are asked for access that can delete, a support lead of the provider must have approved it.');
    const story = customer.getByRole('list', { name: 'What happened' });
    await expect(story).toContainText('Inside the provider, the support lead was asked to approve first.');
    await expect(story).toContainText('Stratus (support lead, Customer support) let the request go on. “The customer asked for it in the ticket.”');
    await expect(customer.getByRole('main')).not.toContainText(NAMES.lead);
});

test('reject: the customer is not asked, and reads why', async ({ page, provider, another }) => {
    const { id } = await provider.raise(DELETE);
    const customer = await another();
    await visit(customer, 'approver', `/requests/${id}`);
    await expect(customer.getByRole('main')).toContainText('The provider has not finished its own approval: there is nothing to decide yet.');
    await visit(page, 'lead', `/internal-approvals/${id}`);
    await decide(page, 'Reject', 'The usual tools are enough.');
    await expect(page.getByRole('main')).toContainText('It was rejected. The customer was not asked.');
    // The customer's open page hears of it.
    await expect(customer.getByRole('main')).toContainText('Rejected by the provider');
    await expect(customer.getByRole('list', { name: 'What happened' })).toContainText('rejected the request. “The usual tools are enough.”');
    expect(await provider.read(id)).toMatchObject({ status: 'rejected', status_reason: 'internal_rejection' });
});

test('an exclusion: they read that they are the last who are asked, on what ground, and when the customer hears of it', async ({ page, provider }) => {
    const script = { id: 'index-health 4.2', reviewer: 'Sam Okoye' };
    const exclusion = { kind: 'reviewed_maintenance_script', reason: 'Weekly index rebuild.', script };
    const { id } = await provider.raise({ ...DELETE, exclusion });
    await visit(page, 'lead', `/internal-approvals/${id}`);
    const asked = page.getByRole('region', { name: 'What is asked' });
    for (const words of ['The customer is not asked', 'Access opens at the last approval', 'Reviewed maintenance script', 'Weekly index rebuild.', script.id, script.reviewer, 'As soon as access opens']) {
        await expect(asked).toContainText(words);
    }
    const main = page.getByRole('main');
    await expect(main).toContainText('Without a decision it expires, and no access is given.');
    await expect(main).not.toContainText('before the customer is asked');
    await justification(page).fill('The script is the reviewed one.');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve request' });
    await expect(dialog).toContainText('Meridian Health is not asked: access to Payroll opens at once');
    await expect(dialog).not.toContainText('is asked to decide');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await decide(page, 'Approve', 'The script is the reviewed one.');
    await expect(main).toContainText('The customer was not asked: access opened at the last approval.');
    expect(await provider.read(id)).toMatchObject({ status: 'not_required', access: { state: 'active' } });

    const disclose_at = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const hidden = await provider.raise({ ...DELETE, exclusion: { kind: 'legal_demand', reason: 'Order 17.', disclose_at } });
    await visit(page, 'lead', `/internal-approvals/${hidden.id}`);
    await expect(asked).toContainText('Legal demand');
    await expect(asked).toContainText('Until then nothing of it is visible to them; at that moment all of it is.');
    await expect(asked.locator(`time[datetime^="${disclose_at.slice(0, 16)}"]`)).toBeVisible();
    await justification(page).fill('The order is in the file.');
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    const no = page.getByRole('dialog', { name: 'Reject request' });
    await expect(no).toContainText('gets no access to Payroll. To ask again');
    await expect(no).toContainText('The customer sees it from');
});

test('two roles, two people; the queue says whose decision is missing and follows by itself', async ({ page, provider, another }) => {
    await visit(page, 'manager', '/internal-approvals');
    await expect(page.getByText('Nothing waits inside the provider')).toBeVisible();
    const { id } = await provider.raise({ resource_scope: 'organization', targets: [] });
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).nth(1)).toContainText('Support lead and DevOps manager (you)');
    const lead = await another();
    await visit(lead, 'lead', `/internal-approvals/${id}`);
    await decide(lead, 'Approve', 'Needed for all of them.');
    await expect(lead.getByRole('main')).toContainText('The approval of DevOps manager is missing.');
    await expect(lead.getByRole('button', { name: 'Approve', exact: true })).toHaveAccessibleDescription(/another person has to decide/);
    await expect(rows(page).nth(1)).toContainText('DevOps manager (you)');
    await expect(rows(page).nth(1)).not.toContainText('Support lead');
    await rows(page).nth(1).getByRole('link').click();
    await expect(page.getByRole('main')).toContainText(`${NAMES.lead} (Support lead, Customer support) approved`);
    await decide(page, 'Approve', 'Agreed with the platform.');
    await expect(lead.getByRole('main')).toContainText('the request went on');
    expect((await provider.read(id)).status).not.toBe('awaiting_internal_approval');
});

test('nobody decides what they raised: the buttons are off and say why', async ({ page, provider }) => {
    const engineer = { ...(exampleRequest().engineer as object), id: 'lead@provider.example' };
    const { id } = await provider.raise({ ...DELETE, engineer });
    await visit(page, 'lead', `/internal-approvals/${id}`);
    for (const name of ['Approve', 'Reject']) {
        const button = page.getByRole('button', { name, exact: true });
        await expect(button).toHaveAttribute('aria-disabled', 'true');
        await expect(button).toHaveAccessibleDescription(/raised yourself/);
    }
    const around = await page.request.post(`/api/v1/internal-approvals/${id}/approve`, {
        data: { justification: 'Around the page.' },
        headers: { ...OWN_CALL, 'If-Match': '"2"' },
    });
    expect(around.status()).toBe(403);
});

test('somebody was faster: who and when, in place', async ({ page, provider, server }) => {
    const { id } = await provider.raise(DELETE);
    await page.route('**/api/v1/stream*', (route) => route.abort());
    await visit(page, 'lead', `/internal-approvals/${id}`);
    await justification(page).fill('I would have let it go on.');
    const first = await provider.call('POST', `/access-requests/${id}/internal-decision`, {
        approve: false, approver_id: 'lead-9', approver_name: 'Kim Vos', role: 'support_lead', justification: 'Not tonight.',
    });
    expect(first.status, server.url).toBe(200);
    await decide(page, 'Approve', 'I would have let it go on.');
    await expect(page.getByRole('alert')).toContainText('Kim Vos (Support lead) rejected it at');
    await expect(page.getByRole('main')).toContainText('It was rejected.');
    await expect(justification(page)).toHaveCount(0);
});

test('it expires by its own clock: the form goes, and both sides are told', async ({ page, provider, clock, another }) => {
    const { id } = await provider.raise(DELETE);
    await clock.advance({ hours: 11, minutes: 59, seconds: 50 });
    await visit(page, 'lead', `/internal-approvals/${id}`);
    await expect(page.getByRole('main')).toContainText('Nobody decided in time. The customer was not asked', { timeout: 30_000 });
    await expect(justification(page)).toHaveCount(0);
    const customer = await another();
    await visit(customer, 'approver', `/requests/${id}`);
    await expect(customer.getByRole('main')).toContainText('Nobody inside the provider decided in time. You were not asked.');
    expect(await provider.read(id)).toMatchObject({ status: 'expired', status_reason: 'internal_approval_expired' });
});

test('the e-mail leads to the request, through sign-in', async ({ page, provider, server }) => {
    const { id } = await provider.raise(DELETE);
    const box = (await (await fetch(`${server.url}/api/v1/demo/mail`)).json()) as { items: { to: string; subject: string; link: string | null }[] };
    const mails = box.items.filter((one) => one.link?.endsWith(`/internal-approvals/${id}`));
    expect(mails.map((one) => one.to), 'the role that is asked for, and nobody else').toEqual(['lead@provider.example']);
    expect(mails[0]?.subject).toContain('Approval needed inside: access to Payroll of Meridian Health');
    await signIn(page, 'lead', new URL(mails[0]?.link ?? '').pathname);
    await expect(justification(page)).toBeVisible();
});

test('customers find nothing there, and internal approvers nothing of customers', async ({ page, provider, another }) => {
    const { id } = await provider.raise(DELETE);
    await visit(page, 'administrator', '/internal-approvals');
    await expect(page.getByText('Only internal approvers of the provider can see this.')).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Internal approvals' })).toHaveCount(0);
    for (const path of ['', `/${id}`]) expect((await page.request.get(`/api/v1/internal-approvals${path}`)).status()).toBe(404);

    const lead = await another();
    await visit(lead, 'lead', `/requests/${id}`);
    await expect(lead.getByRole('alert')).toContainText('There is nothing here that you may see.');
    for (const path of ['/', '/logs', '/history', '/administration', '/service-requests']) {
        await lead.goto(path);
        await expect(lead.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(lead.getByRole('main')).not.toContainText('Payroll');
    }
    await lead.goto('/');
    await lead.getByRole('link', { name: 'Go to internal approvals' }).click();
    await expect(rows(lead).nth(1)).toBeVisible();
    await lead.request.delete('/api/v1/session', { headers: OWN_CALL });
    await signInByCall(lead.request, 'engineer');
    expect((await lead.request.get('/api/v1/internal-approvals')).status()).toBe(403);
    expect((await lead.request.get(`/api/v1/internal-approvals/${id}`)).status()).toBe(404);
});
