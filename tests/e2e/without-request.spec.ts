import { expect, expectAccessible, NAMES, OWN_CALL, signInByCall, test, visit } from './support/test.ts';

/** Every ground on which nobody is asked: what the provider sends, and what the page says. */
const GROUNDS = [
    { kind: 'emergency', words: 'The provider declared an emergency outside standard procedures.' },
    { kind: 'incidental_exposure', words: 'Exposure to data was incidental to work on the platform.' },
    { kind: 'legal_demand', words: 'An external legal demand applies.' },
    {
        kind: 'reviewed_maintenance_script', words: 'A peer-reviewed maintenance script was run.',
        more: { script: { id: 'index-health 4.2', reviewer: 'Robin Lee' } },
    },
] as const;

const reasonOf = (kind: string) => `The written reason for ${kind}.`;

test('each exclusion is told with its reason, on Overview and on its page, until it is acknowledged', async ({ page, provider }) => {
    const raised: string[] = [];
    for (const ground of GROUNDS) {
        const { kind } = ground;
        const request = await provider.raise({ exclusion: { kind, reason: reasonOf(kind), ...('more' in ground ? ground.more : {}) } });
        expect(request).toMatchObject({ status: 'not_required', status_reason: kind, access: { state: 'active' } });
        raised.push(request.id);
    }
    await visit(page, 'approver', '/');
    // Two stand in the demo's past.
    const list = page.getByRole('region', { name: `Access without a request (${2 + GROUNDS.length})` });
    for (const { kind, words } of GROUNDS) {
        await expect(list.getByRole('listitem').filter({ hasText: reasonOf(kind) })).toContainText(words);
    }
    await list.getByRole('link', { name: 'All access without a request' }).click();
    await expect(page).toHaveURL(/\/access-without-request$/);
    await page.getByRole('combobox', { name: 'Acknowledged' }).selectOption({ label: 'To acknowledge' });
    await expect(page).toHaveURL(/\/access-without-request\?view=unacknowledged$/);
    const rows = page.getByRole('table', { name: 'Access without a request' }).getByRole('row');
    await expect(rows).toHaveCount(1 + 2 + GROUNDS.length);
    for (const { kind, words } of GROUNDS) {
        const row = rows.filter({ hasText: reasonOf(kind) });
        await expect(row.getByRole('cell').nth(1)).toHaveText(`${words}“${reasonOf(kind)}”`);
        await expect(row.getByRole('cell').nth(3)).toHaveText('To acknowledge');
    }

    for (const [at, ground] of GROUNDS.entries()) {
        await page.goto(`/requests/${raised[at]}`);
        const card = page.getByRole('region', { name: 'Access without a request' });
        await expect(card).toContainText(ground.words);
        await expect(card).toContainText(reasonOf(ground.kind));
        await expect(page.getByRole('region', { name: 'What is asked' })).toContainText('was given access to run SQL');
        if ('more' in ground) {
            await expect(card).toContainText(ground.more.script.id);
            await expect(card).toContainText(`Reviewed by${ground.more.script.reviewer}`);
        }
        // Access is open: it can be ended as any other.
        await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
        await card.getByRole('textbox', { name: 'Comment' }).fill(`Seen (${ground.kind}).`);
        await card.getByRole('button', { name: 'Acknowledge' }).click();
        await expect(card).toContainText(`Acknowledged${NAMES.approver}`);
        await expect(card).toContainText(`Seen (${ground.kind}).`);
        await expect(card.getByRole('textbox')).toHaveCount(0);
        await expect(page.getByRole('list', { name: 'What happened' })).toContainText(`${NAMES.approver} acknowledged the access. “Seen (${ground.kind}).”`);
    }
    // Acknowledged, each stays in the list: with its reason, and who has said what to it.
    await page.goto('/access-without-request?view=unacknowledged');
    await expect(rows).toHaveCount(3);
    await page.getByRole('combobox', { name: 'Acknowledged' }).selectOption({ label: 'Acknowledged' });
    await expect(page).toHaveURL(/\/access-without-request\?view=acknowledged$/);
    await expect(rows.filter({ hasText: 'To acknowledge' })).toHaveCount(0);
    const told = await (await page.request.get('/api/v1/lockbox-requests?view=acknowledged&limit=200')).json();
    expect(told.items.length).toBeGreaterThanOrEqual(GROUNDS.length);
    await expect(rows).toHaveCount(1 + told.items.length);
    for (const [at, { kind, words }] of GROUNDS.entries()) {
        const row = rows.filter({ hasText: reasonOf(kind) });
        await expect(row.getByRole('rowheader')).toContainText('Payroll');
        await expect(row.getByRole('cell').nth(0).locator('time')).toHaveAttribute('datetime', /^\d{4}-/);
        await expect(row.getByRole('cell').nth(1)).toHaveText(`${words}“${reasonOf(kind)}”`);
        await expect(row.getByRole('cell').nth(2)).toHaveText('Engineer 417');
        await expect(row.getByRole('cell').nth(3)).toContainText(NAMES.approver);
        await expect(row.getByRole('cell').nth(3)).toContainText(`“Seen (${kind}).”`);
        await expect(row.getByRole('link')).toHaveAttribute('href', `/requests/${raised[at]}`);
    }
    // One reason alone.
    await page.getByRole('combobox', { name: 'Reason' }).selectOption({ label: GROUNDS[2].words });
    await expect(page).toHaveURL(/view=acknowledged&status_reason=legal_demand$/);
    await expect(rows.filter({ hasText: reasonOf('legal_demand') })).toHaveCount(1);
    await expect(rows.filter({ hasText: reasonOf('emergency') })).toHaveCount(0);
    await page.goBack();
    await expect(rows.filter({ hasText: reasonOf('emergency') })).toHaveCount(1);
    await page.goto('/');
    await expect(page.getByRole('region', { name: 'Access without a request (2)' })).toBeVisible();
});

test('the list of access without a request is one tab away from the requests, and holds what the policy did not ask about, too', async ({ page, provider }) => {
    const bare = await provider.raise({ environment_id: 'env_sandbox', service_request_id: '2611150040005512', targets: [], justification: 'The flow hangs.' });
    expect(bare).toMatchObject({ status: 'not_required', status_reason: 'environment_not_protected' });
    await visit(page, 'reader', '/requests');
    await page.getByRole('navigation', { name: 'Which requests' }).getByRole('link', { name: 'Access without a request' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Access without a request' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Access without a request' }).and(page.locator('[aria-current=page]'))).toBeVisible();
    const table = page.getByRole('table', { name: 'Access without a request' });
    await expect(table.getByRole('columnheader')).toHaveText(['Environment', 'When', 'Reason', 'Engineer', 'Acknowledged']);
    const row = table.getByRole('row').filter({ hasText: 'The flow hangs.' });
    await expect(row).toContainText('The policy does not protect this environment.');
    await expect(row.getByRole('cell').nth(3)).toHaveText('Not needed');
    // Everything for which nobody was asked, and nothing else, newest first.
    const { items, total } = await (await page.request.get('/api/v1/lockbox-requests?view=without_request&limit=50&with_total=true')).json();
    const shown = await table.locator('tbody a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(shown).toEqual((items as { id: string }[]).map(({ id }) => `/requests/${id}`));
    expect(shown[0]).toBe(`/requests/${bare.id}`);
    await expect(page.getByRole('status').filter({ hasText: /shown/ })).toHaveText(`${total} accesses shown, that is all`);
    // A new one appears by itself.
    await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    await expect(table.getByRole('row').nth(1)).toContainText('“The region was down.”');
    await expectAccessible(page);
});

test('how many there are to acknowledge stands in the navigation, and follows what happens', async ({ page, provider }) => {
    await visit(page, 'approver', '/service-requests');
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Requests', exact: true });
    // Two stand in the demo's past. The numbers describe the link and are no part of its name.
    await expect(link).toHaveAccessibleDescription(/^\d+ waiting for a decision, 2 to acknowledge$/);
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: reasonOf('emergency') } });
    await expect(link).toHaveAccessibleDescription(/, 3 to acknowledge$/);
    await expect(link.locator('.l-nav__count').last()).toHaveText('3');
    const answer = await page.request.post(`/api/v1/lockbox-requests/${id}/acknowledge`, { data: { comment: 'Seen.' }, headers: OWN_CALL });
    expect(answer.status()).toBe(200);
    await expect(link).toHaveAccessibleDescription(/, 2 to acknowledge$/);
});

test('a comment has 1 to 2,000 characters, and the error stands at its field', async ({ page, provider }) => {
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    await visit(page, 'approver', `/requests/${id}`);
    const comment = page.getByRole('textbox', { name: 'Comment' });
    for (const wrong of ['', '   ', 'x'.repeat(2_001)]) {
        await comment.fill(wrong);
        await page.getByRole('button', { name: 'Acknowledge' }).click();
        await expect(comment).toHaveAttribute('aria-invalid', 'true');
        await expect(comment).toHaveAccessibleDescription(/empty|at most|characters/i);
        await expect(comment).toBeFocused();
    }
    // What is typed outlives a reload.
    await comment.fill('The post-mortem is due on Friday.');
    await page.reload();
    await expect(comment).toHaveValue('The post-mortem is due on Friday.');
});

test('somebody was faster: who, when and with which comment; nothing is acknowledged twice', async ({ page, provider, another }) => {
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    await page.route('**/api/v1/stream*', (route) => route.abort());
    await visit(page, 'approver', `/requests/${id}`);
    await page.getByRole('textbox', { name: 'Comment' }).fill('Me, too.');
    const other = await another();
    await signInByCall(other.request, 'administrator');
    const path = `/api/v1/lockbox-requests/${id}/acknowledge`;
    const first = await other.request.post(path, { data: { comment: 'Seen first.' }, headers: OWN_CALL });
    expect(first.status()).toBe(200);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    const card = page.getByRole('region', { name: 'Access without a request' });
    await expect(card).toContainText(`Acknowledged${NAMES.administrator}`);
    await expect(card).toContainText('Seen first.');
    await expect(page.getByText(`${NAMES.administrator} acknowledged it at`).first()).toBeVisible();
    await expect(card.getByRole('button')).toHaveCount(0);
});

test('a reader sees the list, and the button with the reason why it is off', async ({ page, provider }) => {
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    await visit(page, 'reader', '/');
    await page.getByRole('region', { name: /^Access without a request/ }).getByRole('listitem').filter({ hasText: 'The region was down.' })
        .getByRole('link').click();
    await expect(page).toHaveURL(new RegExp(id));
    const button = page.getByRole('button', { name: 'Acknowledge' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/approvers and global administrators/);
    await page.getByRole('textbox', { name: 'Comment' }).fill('Around the page.');
    await button.click({ force: true });
    const around = await page.request.post(`/api/v1/lockbox-requests/${id}/acknowledge`, { data: { comment: 'Around.' }, headers: OWN_CALL });
    expect(around.status()).toBe(403);
    await page.reload();
    await expect(page.getByText('Nobody of you has acknowledged it yet.', { exact: false })).toBeVisible();
});

test('it comes and goes on an open Overview by itself', async ({ page, provider, another }) => {
    await visit(page, 'approver', '/');
    await expect(page.getByRole('region', { name: 'Access without a request (2)' })).toBeVisible();
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    await expect(page.getByRole('region', { name: 'Access without a request (3)' })).toContainText('The region was down.');
    const other = await another();
    await signInByCall(other.request, 'administrator');
    await other.request.post(`/api/v1/lockbox-requests/${id}/acknowledge`, { data: { comment: 'Seen.' }, headers: OWN_CALL });
    await expect(page.getByRole('region', { name: 'Access without a request (2)' })).toBeVisible();
});

test('a copy of a protected environment is told in Administration, names the original and can be protected there', async ({ page, provider }) => {
    const put = async (id: string, changes: Record<string, unknown>) => {
        const body = { name: id, service: 'power-platform', region: 'West Europe', has_database: true, ...changes };
        expect((await provider.call('PUT', `/organizations/org_meridian/environments/${id}`, body)).status).toBe(201);
    };
    await put('env_back', { name: 'Payroll of last week', restored_from: 'env_payroll' });
    await put('env_second', { name: 'Copy of the copy', copied_from: 'env_records_copy' });
    await visit(page, 'administrator', '/administration');
    await expect(page.getByText('3 copies of protected environments are not protected')).toBeVisible();
    const item = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('button', { name: `Protect it too: ${name}` }) });
    await expect(item('Patient records (copy for tests)')).toContainText('copied from Patient records, which is protected');
    await expect(item('Payroll of last week')).toContainText('restored from Payroll, which is protected');
    await expect(item('Copy of the copy')).toContainText('by way of another copy it holds data of Patient records');
    // A copy that comes while one looks is told without a reload.
    await put('env_third', { name: 'Claims of yesterday', restored_from: 'env_claims' });
    await expect(page.getByText('4 copies of protected environments are not protected')).toBeVisible();

    await item('Payroll of last week').getByRole('button').click();
    await expect(page.getByRole('group', { name: 'Environments', exact: true }).getByRole('checkbox', { name: 'Payroll of last week' })).toBeChecked();
    await expect(item('Payroll of last week').getByRole('button')).toHaveAccessibleDescription(/Review the changes/);
    await page.getByRole('button', { name: 'Review changes' }).click();
    await expect(page.getByRole('group', { name: 'What would change' })).toContainText('Gain protection (1)');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved as version 4')).toBeVisible();
    await expect(page.getByText('3 copies of protected environments are not protected')).toBeVisible();
    const list = await (await page.request.get('/api/v1/environments')).json();
    const back = (list.items as { id: string; protected: boolean }[]).find((one) => one.id === 'env_back');
    expect(back?.protected).toBe(true);

    await page.goto('/');
    await expect(page.getByRole('listitem').filter({ hasText: 'Patient records (copy for tests)' })).toContainText('holds a copy of protected data');
});

test('who may only look reads the warning, with the reason why it can’t be mended', async ({ page }) => {
    await visit(page, 'reader', '/administration');
    const button = page.getByRole('button', { name: 'Protect it too: Patient records (copy for tests)' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/administrator/i);
});

test('Overview says what could not be read, by which call, and reads it again on demand', async ({ page, provider }) => {
    const { id } = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The region was down.' } });
    const path = '**/api/v1/lockbox-requests?view=unacknowledged*';
    await page.route(path, (route) => route.fulfill({
        status: 503, headers: { 'Content-Type': 'application/problem+json', 'X-Request-Id': 'req_lost' },
        body: JSON.stringify({ type: '/problems/unavailable', title: 'Not now', status: 503, detail: 'Try again in a moment.', instance: 'req_lost' }),
    }));
    await visit(page, 'administrator', '/');
    const told = page.getByRole('alert').filter({ hasText: 'It could not be read whether there is any' });
    await expect(told).toContainText('req_lost');
    await page.unroute(path);
    await told.getByRole('button', { name: 'Try again' }).click();
    await expect(told).toHaveCount(0);
    await expect(page.getByRole('main').locator(`a[href="/requests/${id}"]`).first()).toBeVisible();
});
