import type { Page } from '@playwright/test';

import { expect, OWN_CALL, type Provider, signInByCall, test } from './support/test.ts';

/** Approves a request by call, so that the page is about what comes after; gives its grant. */
async function approved(page: Page, provider: Provider): Promise<{ id: string; grant: string }> {
    const { id } = await provider.raise();
    await signInByCall(page.request, 'approver');
    const path = `/api/v1/lockbox-requests/${id}`;
    const etag = (await page.request.get(path)).headers()['etag'] ?? '';
    const answer = await page.request.post(`${path}/approve`, { data: { justification: 'Fits.' }, headers: { ...OWN_CALL, 'If-Match': etag } });
    expect(answer.status()).toBe(200);
    return { id, grant: (await answer.json()).access.grant_id };
}

/** Reports one action; the answer of the server. */
async function report(provider: Provider, grant: string, changes: Record<string, unknown>): Promise<string> {
    const action = {
        id: `a-${Math.random()}`, time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ReadDiskViaLockbox',
        statement: 'copy the disk', outcome: 'success', ...changes,
    };
    const answer = await provider.call<{ results: { result: string }[] }>('POST', `/grants/${grant}/actions`, { actions: [action] });
    return answer.body.results[0]?.result ?? '';
}

const banner = (page: Page, title: string) => page.getByRole('main').locator('.c-banner').filter({ hasText: title });
const STOPPED = /stopped it and|It was stopped/;

test('what the provider reports as done is not told as refused or stopped', async ({ page, provider }) => {
    const { id, grant } = await approved(page, provider);
    expect(await report(provider, grant, {})).toBe('refused');
    await page.goto(`/requests/${id}`);
    const told = banner(page, '1 action was done without permission');
    await expect(told).toContainText('It lay outside of what was approved, and the provider reports it as done: nothing stopped it.');
    await expect(page.getByText('Done without permission', { exact: true })).toBeVisible();
    await expect(page.getByText('Refused', { exact: true })).toHaveCount(0);
    await expect(page.getByRole('main')).not.toContainText(STOPPED);
});

test('what was refused is told as refused, and what is done later stands above it', async ({ page, provider }) => {
    const { id, grant } = await approved(page, provider);
    expect(await report(provider, grant, { outcome: 'refused' })).toBe('refused');
    await page.goto(`/requests/${id}`);
    await expect(banner(page, '1 action was refused')).toContainText('The provider does not report it as done. The log has each of them.');
    await expect(page.getByText('Refused', { exact: true })).toBeVisible();
    expect(await report(provider, grant, {})).toBe('refused');
    const told = banner(page, '1 action was done without permission');
    await expect(told).toContainText('1 more was refused and is not reported as done.');
    await expect(page.getByText(/^(Done without permission|Refused)$/).first()).toHaveText('Done without permission');
});

test('a report with a fault is told as one', async ({ page, provider }) => {
    const { id, grant } = await approved(page, provider);
    expect(await report(provider, grant, { operation: '' })).toBe('invalid');
    await page.goto(`/requests/${id}`);
    await expect(banner(page, '1 report was faulty')).toContainText('What was done can’t be judged by it.');
    await expect(page.getByText('Faulty report', { exact: true })).toBeVisible();
    await expect(page.getByText('Refused', { exact: true })).toHaveCount(0);
});

test('of access that nobody was asked about, nothing is said to be approved', async ({ page, provider }) => {
    const open = await provider.raise({ environment_id: 'env_sandbox', service_request_id: '2611150040005512', targets: [] });
    expect(open.status).toBe('not_required');
    expect(await report(provider, open.access.grant_id ?? '', {})).toBe('refused');
    await signInByCall(page.request, 'reader');
    await page.goto(`/requests/${open.id}`);
    const told = banner(page, '1 action was done without permission');
    await expect(told).toContainText('It lay outside of what was asked for, and the provider reports it as done: nothing stopped it.');
    await expect(told).not.toContainText('approved');
});

test('the first use has a line of its own, before what was done', async ({ page, provider }) => {
    const { id, grant } = await approved(page, provider);
    await page.goto(`/requests/${id}`);
    const steps = page.getByRole('list', { name: 'What happened' }).getByRole('listitem');
    await expect(steps.filter({ hasText: 'approved the request' })).toHaveCount(1);
    await expect(steps.filter({ hasText: 'for the first time' })).toHaveCount(0);
    for (const statement of ['select 1', 'select 2']) {
        expect(await report(provider, grant, { operation: 'ExecuteSqlViaLockbox', target: 'payroll.dbo.Pay', statement })).toBe('recorded');
    }
    await expect(steps.filter({ hasText: 'Engineer 417 did: ' })).toHaveCount(2);
    const told = await steps.allInnerTexts();
    const first = told.findIndex((text) => text.includes('Engineer 417 used the access for the first time.'));
    expect(first).toBeGreaterThan(0);
    expect(told[first + 1]).toContain('Engineer 417 did: ');
    expect(told.filter((text) => text.includes('for the first time'))).toHaveLength(1);
});
