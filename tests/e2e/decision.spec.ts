import { askToDecide, decide, justification, mark } from './support/decide.ts';
import { expect, NAMES, OWN_CALL, signInByCall, test, visit } from './support/test.ts';

test('deny: a dialog names the consequence, then it is final', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(justification(page)).toBeFocused();
    await expect(justification(page)).toHaveAccessibleDescription(/empty|at most|characters/i);

    const dialog = await askToDecide(page, 'Deny', 'The ticket is about another system.');
    await expect(dialog).toHaveAccessibleName('Deny request');
    await expect(dialog).toContainText('Engineer 417 gets no access to Payroll');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
    expect((await provider.read(id)).status).toBe('customer_notified');

    await decide(page, 'Deny', 'The ticket is about another system.');
    await expect(page.getByRole('main')).toContainText(`by ${NAMES.approver}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    const denied = await provider.read(id);
    expect(denied.status).toBe('denied');
    expect(denied.access).toMatchObject({ state: 'none', grant_id: null });
});

test('a justification has 1 to 2,000 characters, counted, and the error stands at its field', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    for (const wrong of ['', '   ', 'x'.repeat(2_001)]) {
        await justification(page).fill(wrong);
        await page.getByRole('button', { name: 'Approve', exact: true }).click();
        await expect(justification(page)).toHaveAttribute('aria-invalid', 'true');
        await expect(justification(page)).toHaveAccessibleDescription(/empty|at most|characters/i);
        await expect(page.getByRole('dialog')).toHaveCount(0);
    }
    await expect(page.getByText('2,001 of 2,000')).toBeVisible();
    await justification(page).fill('é'.repeat(2_000));
    await expect(justification(page)).not.toHaveAttribute('aria-invalid', 'true');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve access' }).click();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
});

test('somebody was faster: who, what and when, in place', async ({ page, provider, another }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    // The page of the slower one hears nothing by itself: only the refusal can tell.
    const dialog = await askToDecide(page, 'Approve', 'I would have let it happen.');
    await page.route('**/api/v1/lockbox-requests/**', async (route) => {
        if (route.request().method() === 'POST') await deny();
        await route.continue();
    });
    const other = await another();
    await signInByCall(other.request, 'administrator');
    const deny = async () => {
        const now = await other.request.get(`/api/v1/lockbox-requests/${id}`);
        const answer = await other.request.post(`/api/v1/lockbox-requests/${id}/deny`, {
            data: { justification: 'Not tonight.' },
            headers: { ...OWN_CALL, 'If-Match': now.headers()['etag'] ?? '' },
        });
        expect(answer.status()).toBe(200);
    };
    await dialog.getByRole('button', { name: 'Approve access' }).click();
    const told = page.getByRole('alert');
    await expect(told).toContainText(`${NAMES.administrator} denied this request`);
    await expect(told).toContainText(/just now|ago/);
    await expect(told).toContainText('Not tonight.');
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    expect((await provider.read(id)).status).toBe('denied');
});

test('somebody decided while it was open: the page shows it by itself', async ({ page, provider, another }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    const other = await another();
    await visit(other, 'administrator', `/requests/${id}`);
    await decide(other, 'Approve', 'Known and expected.');
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(`by ${NAMES.administrator}`);
    await expect(page.getByRole('button', { name: 'Deny', exact: true })).toHaveCount(0);
});

test('the engineer is done while the page is open: it says so by itself', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const unloaded = await mark(page);
    await decide(page, 'Approve', 'Go on.');
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    const other = await provider.call('POST', `/access-requests/${id}/complete`, { engineer_id: 'eng-108' });
    expect(other.status, 'of somebody else').toBe(422);
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    const done = await provider.call('POST', `/access-requests/${id}/complete`, { engineer_id: 'eng-417', note: 'Locks are gone.' });
    expect(done.status).toBe(200);
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
    await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible();
    await expect(page.getByRole('main')).toContainText('The engineer completed the work.');
    await expect(page.getByText('Access is open')).toHaveCount(0);
    const after = await provider.read(id);
    expect(after.access.state).toBe('completed');
    expect(await provider.check(after.access.grant_id ?? '')).toMatchObject({ allowed: false, reason: 'completed' });
    expect(await unloaded(), 'not loaded again').toBe(true);
});

test('the engineer withdraws while the page is open: the decision buttons go', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    const unloaded = await mark(page);
    for (const name of ['Approve', 'Deny']) await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
    const asked = page.getByRole('region', { name: 'What is asked' });
    await expect(asked).toContainText('Engineer 417 (Database support, Ireland) wants to run SQL');
    const withdrawn = await provider.call('POST', `/access-requests/${id}/cancel`, { engineer_id: 'eng-417' });
    expect(withdrawn.status).toBe(200);
    for (const name of ['Approve', 'Deny']) await expect(page.getByRole('button', { name, exact: true })).toHaveCount(0);
    await expect(justification(page)).toHaveCount(0);
    await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
    await expect(asked).toContainText('Engineer 417 (Database support, Ireland) asked to run SQL');
    await expect(page.getByRole('main')).toContainText(/withdr/i);
    expect(await unloaded(), 'not loaded again').toBe(true);
    expect((await provider.read(id)).access).toMatchObject({ state: 'none', grant_id: null });
});

test('a reader sees the buttons and why they are off', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await visit(page, 'reader', `/requests/${id}`);
    for (const name of ['Approve', 'Deny']) {
        const button = page.getByRole('button', { name, exact: true });
        await expect(button).toHaveAttribute('aria-disabled', 'true');
        await expect(button).toHaveAccessibleDescription(/\w{3,}.*\./);
        await button.focus();
        await expect(button).toBeFocused();
        await button.press('Enter');
    }
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const refused = await page.request.post(`/api/v1/lockbox-requests/${id}/approve`, {
        data: { justification: 'Around the page.' },
        headers: { ...OWN_CALL, 'If-Match': '"2"' },
    });
    expect(refused.status()).toBe(403);
    expect((await provider.read(id)).status).toBe('customer_notified');
});

test('another organisation and a made-up id get the same: not here', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await signInByCall(page.request, 'otherApprover');
    const answers = await Promise.all(
        [id, 'lbx_00000000000000000000000000'].map((wanted) => page.request.get(`/api/v1/lockbox-requests/${wanted}`)),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(answers.map((answer) => answer.status())).toEqual([404, 404]);
    expect({ ...bodies[0], instance: '' }).toEqual({ ...bodies[1], instance: '' });
    await page.goto(`/requests/${id}`);
    await expect(page.getByRole('alert')).toContainText('There is nothing here that you may see.');
    await expect(page.getByText('Engineer 417')).toHaveCount(0);
});

test('opening the link grants nothing', async ({ page, provider, server, request }) => {
    const { id, url } = await provider.raise();
    for (const method of ['GET', 'HEAD'] as const) {
        for (const path of [url, `${server.url}/api/v1/lockbox-requests/${id}`, `${server.url}/api/v1/lockbox-requests/${id}/approve`]) {
            await request.fetch(path, { method });
        }
    }
    await visit(page, 'approver', `/requests/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    for (const method of ['GET', 'HEAD'] as const) await page.request.fetch(`/api/v1/lockbox-requests/${id}/approve`, { method });
    const after = await provider.read(id);
    expect(after.status).toBe('customer_notified');
    expect(after.access).toMatchObject({ state: 'none', grant_id: null });
});
