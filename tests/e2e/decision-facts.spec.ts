import { expect, test, visit } from './support/test.ts';

test.use({ serverFor: 'worker' });

/** How a value of the answer that is not shown as it is reads on the page. */
const WORDS: Record<string, string | RegExp> = {
    status: 'Action needed',
    permission_level: /Read: look at data/,
    reason_code: /Support that you asked for|Customer.initiated support|You asked for support/i,
    jit_role: 'Support engineer',
    isolated_identity: 'Isolated: it exists for this work only',
    mfa: 'Used',
    office_country: 'Ireland',
    physical_country: 'Ireland',
    direct_data_access: 'Yes: rows, files or messages themselves',
    access_minutes: '4 hours',
    protectable: 'protected by Lockbox',
    asked_minutes: '4 hours, as asked for',
    passed: 'Passed',
};
/** What is not a fact for people: ids of things whose names are shown, addresses of this page, machinery, and what is not there yet. */
const MACHINERY = new Set([
    'organization_id', 'environment_id', 'engineer.id', 'url', 'version', 'evaluation.outcome', 'evaluation.factors.id', 'timeline.kind',
    'access.state', 'operations',
    // Of access for which nobody was asked; false while somebody is.
    'needs_acknowledgement',
]);

/** Every leaf with its path; numbers of list entries left out. */
function leaves(value: unknown, path: string[] = []): [string, unknown][] {
    if (Array.isArray(value)) return value.flatMap((one) => leaves(one, path));
    if (value !== null && typeof value === 'object') {
        return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
    }
    return value === null ? [] : [[path.join('.'), value]];
}

test('every fact of the answer is on the decision page', async ({ page }) => {
    await visit(page, 'approver', '/requests');
    const link = page.getByRole('link', { name: /^Payroll, Run SQL statements/ });
    await link.first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('lbx_');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await expect(page.getByRole('textbox', { name: 'Justification' })).toBeVisible();
    // The look of this page's own reader is a step, too.
    await expect(page.getByRole('list', { name: 'What happened' })).toContainText('looked at the request');
    const whole = (await (await page.request.get(`/api/v1/lockbox-requests/${id}`)).json()) as Record<string, unknown>;

    const main = page.getByRole('main');
    const shown = (await main.innerText()).replace(/\s+/g, ' ');
    const times = await main.locator('time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime') ?? ''));
    const missing: string[] = [];
    for (const [path, value] of leaves(whole)) {
        const name = path.split('.').at(-1) ?? '';
        if (MACHINERY.has(path)) continue;
        const wanted = WORDS[name];
        const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value);
        const found = wanted
            ? typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown)
            : time
                ? times.some((one) => Math.abs(Date.parse(one) - Date.parse(value)) < 1_000)
                : shown.includes(String(value).replace(/\s+/g, ' '));
        if (!found) missing.push(`${path}: ${JSON.stringify(value)}`);
    }
    expect(missing).toEqual([]);
});

test('the sentence says who wants what, where, for how long', async ({ page }) => {
    await visit(page, 'approver', '/requests');
    await page.getByRole('link', { name: /^Payroll, Run SQL statements/ }).first().click();
    const asked = page.getByRole('region', { name: 'What is asked' });
    await expect(asked).toContainText('Engineer 417 (Database support, Ireland) wants to run SQL statements in Payroll (Azure SQL Database)');
    await expect(asked).toContainText('limited to payroll.dbo.*, for 4 hours.');
    await expect(asked).toContainText('Deadlocks in the nightly run; need the blocked statements.');
});

test('the support ticket opens at the side, with its history, and closes with Escape', async ({ page }) => {
    await visit(page, 'approver', '/requests');
    await page.getByRole('link', { name: /^Payroll, Run SQL statements/ }).first().click();
    const show = page.getByRole('button', { name: 'Show support request' });
    await show.click();
    const panel = page.getByRole('dialog', { name: 'Support request' });
    await expect(panel).toContainText('Nightly pay run ends in deadlocks');
    await expect(panel).toContainText('2611210050001234');
    await expect(panel.getByRole('heading', { name: 'Conversation' })).toBeVisible();
    await expect(panel.getByRole('listitem').first()).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
    await expect(show).toBeFocused();
    await show.click();
    await panel.getByRole('link', { name: 'Open the support request' }).click();
    await expect(page).toHaveURL(/\/service-requests\/2611210050001234$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nightly pay run ends in deadlocks');
});

test('the service request ID itself leads to the ticket', async ({ page }) => {
    await visit(page, 'approver', '/requests');
    await page.getByRole('link', { name: /^Payroll, Run SQL statements/ }).first().click();
    await page.getByRole('region', { name: 'What is asked' }).getByRole('link', { name: '2611210050001234' }).click();
    await expect(page).toHaveURL(/\/service-requests\/2611210050001234$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nightly pay run ends in deadlocks');
});

test('a finished request tells its whole story', async ({ page }) => {
    await visit(page, 'reader', '/requests?view=all&status=approved&environment=env_records');
    const revoked = page.getByRole('row').filter({ hasText: '2611070040009001' }).getByRole('link');
    await revoked.click();
    const main = page.getByRole('main');
    await expect(main.getByRole('list', { name: 'What happened' }).getByRole('listitem').first()).toBeVisible();
    await expect(main).toContainText('Access ended');
    await expect(main).toContainText(/Ended by the customer by [A-Z]\w+ \w+, /);
    await expect(main.getByText('Allowed', { exact: true }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
});

test('what was refused stands on top, and until when access is open', async ({ page }) => {
    await visit(page, 'reader', '/requests?view=all&environment=env_imaging');
    await page.getByRole('row').filter({ hasText: '2611210010009912' }).getByRole('link').click();
    await expect(page.getByText('1 action was done without permission')).toBeVisible();
    await expect(page.getByText(/^(Done without permission|Allowed)$/).first()).toHaveText('Done without permission');
    const end = page.getByRole('button', { name: 'End access' });
    await expect(end).toHaveAttribute('aria-disabled', 'true');
    await expect(end).toHaveAccessibleDescription(/\w{3,}/);
    await expect(page.getByRole('timer').first()).toHaveText(/\d:\d\d/);
    await expect(page.getByText(/^Until \d+ \w+ \d{4}, \d\d:\d\d:\d\d \S+, if nobody ends it before\.$/)).toBeVisible();
});
