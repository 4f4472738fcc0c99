import { expect, OWN_CALL, signInByCall, test, visit } from './support/test.ts';

const LOOKED = 'looked at the request.';

test('an approver opens a request that waits: the timeline says so, once', async ({ page, provider, another }) => {
    const { id } = await provider.raise();
    const views: string[] = [];
    page.on('request', (request) => request.url().endsWith('/view') && views.push(request.url()));
    await visit(page, 'approver', `/requests/${id}`);
    const looked = page.getByRole('list', { name: 'What happened' }).getByRole('listitem').filter({ hasText: LOOKED });
    await expect(looked).toHaveCount(1);
    await expect(looked).toContainText('Jonas Weber');
    // A change brings no second call; a second look no second line.
    const other = await another();
    await visit(other, 'administrator', `/requests/${id}`);
    await expect(looked).toHaveCount(2);
    expect(views).toHaveLength(1);
    await page.reload();
    await expect(looked).toHaveCount(2);
});

test('a reader opens it: nothing is noted, nor of a request that is decided', async ({ page, provider, another }) => {
    const { id } = await provider.raise();
    const views: string[] = [];
    const watch = (url: string) => url.endsWith('/view') && views.push(url);
    page.on('request', (request) => watch(request.url()));
    await visit(page, 'reader', `/requests/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByRole('list', { name: 'What happened' })).not.toContainText(LOOKED);
    const path = `/api/v1/lockbox-requests/${id}`;
    const approver = await another();
    await signInByCall(approver.request, 'approver');
    const etag = (await approver.request.get(path)).headers()['etag'] ?? '';
    await approver.request.post(`${path}/deny`, { data: { justification: 'No.' }, headers: { ...OWN_CALL, 'If-Match': etag } });
    approver.on('request', (request) => watch(request.url()));
    await approver.goto(`/requests/${id}`);
    await expect(approver.getByRole('list', { name: 'What happened' })).toContainText('denied the request');
    await expect(approver.getByRole('list', { name: 'What happened' })).not.toContainText(LOOKED);
    expect(views).toEqual([]);
});

test('what becomes of a request while it is open is said aloud, and nothing on arrival', async ({ page, provider, another }) => {
    const { id } = await provider.raise();
    await visit(page, 'reader', `/requests/${id}`);
    await expect(page.getByRole('list', { name: 'What happened' })).toBeVisible();
    const said = page.getByRole('status').filter({ hasText: /\w/ });
    await expect(said.filter({ hasText: 'the request' })).toHaveCount(0);
    const other = await another();
    await signInByCall(other.request, 'administrator');
    const path = `/api/v1/lockbox-requests/${id}`;
    const etag = (await other.request.get(path)).headers()['etag'] ?? '';
    await other.request.post(`${path}/approve`, { data: { justification: 'Fits.' }, headers: { ...OWN_CALL, 'If-Match': etag } });
    await expect(said.filter({ hasText: /^Ana Ruiz approved the request$/ })).toHaveCount(1);
    await other.request.post(`${path}/revoke`, { data: { justification: 'Enough.' }, headers: OWN_CALL });
    await expect(said.filter({ hasText: /^Ana Ruiz ended the access$/ })).toHaveCount(1);
});

test('a request that arrives is said aloud and stands in the title', async ({ page, provider }) => {
    await visit(page, 'reader', '/requests');
    const number = async () => (await (await page.request.get('/api/v1/lockbox-requests?view=pending&with_total=true&limit=1')).json()).total as number;
    const before = await number();
    expect(before).toBeGreaterThan(0);
    await expect(page).toHaveTitle(`(${before}) Requests · Lockbox`);
    const said = page.getByRole('status').filter({ hasText: /waiting/ });
    await expect(said).toHaveCount(0);
    const { id } = await provider.raise();
    await expect(said).toHaveText(`1 new request, ${before + 1} waiting`);
    await expect(page).toHaveTitle(`(${before + 1}) Requests · Lockbox`);
    expect((await provider.call('POST', `/access-requests/${id}/cancel`, { engineer_id: 'eng-417' })).status).toBe(200);
    await expect(said).toHaveText(before === 1 ? '1 request waiting' : `${before} requests waiting`);
    await expect(page).toHaveTitle(`(${before}) Requests · Lockbox`);
    // What people print carries its own title.
    await page.getByRole('link', { name: 'History' }).first().click();
    await expect(page).toHaveTitle('History · Lockbox');
});
