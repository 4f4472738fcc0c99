import { counted } from './support/count.ts';
import { expect, exampleRequest, fillSignIn, mailTest as test, NAMES, PEOPLE, requestLink, signInByCall, visit } from './support/test.ts';

const OPERATION = 'Run SQL statements';
const QUESTION = { engineer_id: 'eng-417', environment_id: 'env_payroll', operation: 'ExecuteSqlViaLockbox' };
const RECIPIENTS = [PEOPLE.administrator, PEOPLE.approver, 'security-desk@meridian.example'];

test('an engineer asks, a person decides on the phone, access opens and really ends', async ({ page, provider, mail }) => {
    test.slow();

    // The provider asks, as its curl line does; asking twice with one key is asking once.
    const raised = await provider.raise({}, 'story-1');
    expect(raised.status).toBe('customer_notified');
    expect((await provider.raise({}, 'story-1')).id).toBe(raised.id);
    const ofThis = (to: string) => mail.waitFor((one) => one.to.includes(to) && one.text.includes(raised.id));

    // One mail each, with everything that one needs to know, in both forms.
    for (const to of RECIPIENTS) {
        const got = await ofThis(to);
        expect(got.to).toEqual([to]);
        expect(got.subject).toContain('Payroll');
        for (const part of [got.text, got.html]) {
            const words = part.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
            expect(words).toContain('Engineer 417');
            expect(words).toContain('Database support');
            expect(words).toContain(OPERATION);
            expect(words).toContain('Payroll');
            expect(words).toContain('Deadlocks in the nightly run; need the blocked statements.');
            expect(words).toContain('4 hours');
            expect(words).toContain('2611210050001234');
            expect(words).toMatch(/Decide by.{0,200}UTC/);
            expect(words).toMatch(/(not reach|not reached)\W+Backups, other databases/i);
            expect(words).toContain(raised.url);
        }
    }
    const sent = (await mail.mails()).filter((one) => one.text.includes(raised.id));
    expect(sent.map((one) => one.to.join()).sort()).toEqual([...RECIPIENTS].sort());
    expect(new Set(sent.map((one) => one.message_id)).size).toBe(RECIPIENTS.length);

    // The link, cold: sign-in, then that request. Nothing is granted by it.
    const link = requestLink(await ofThis(PEOPLE.approver));
    await page.goto(link);
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await fillSignIn(page, 'approver');
    await expect(page).toHaveURL(link);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(raised.id);
    expect((await provider.read(raised.id)).access.state).toBe('none');

    // Approve, for less than was asked.
    await page.getByRole('textbox', { name: 'Justification' }).fill('Payroll runs tonight. One hour is enough.');
    await page.getByRole('combobox', { name: 'Access period' }).selectOption({ label: '1 hour' });
    await page.getByRole('button', { name: 'Approve', exact: true }).tap();
    const dialog = page.getByRole('dialog', { name: 'Approve access' });
    await expect(dialog).toContainText('Engineer 417 can run SQL statements in Payroll from now until');
    await expect(dialog).toContainText('1 hour');
    await dialog.getByRole('button', { name: 'Approve access' }).tap();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(NAMES.approver);

    // The grant is what was approved, and nothing else.
    const approved = await provider.read(raised.id);
    const grant = approved.access.grant_id ?? '';
    expect(approved.status).toBe('approved');
    const ask = (changes: object) => provider.check(grant, { ...QUESTION, target: 'payroll.dbo.Pay', ...changes });
    const yes = await ask({});
    expect(yes).toMatchObject({ allowed: true, until: approved.access.expires_at });
    expect(Date.parse(yes.until ?? '') - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(Date.parse(yes.until ?? '') - Date.now()).toBeGreaterThan(3_400_000);
    for (const other of [{ operation: 'ReadDiskViaLockbox' }, { environment_id: 'env_claims' }, { engineer_id: 'eng-108' }, { target: 'crm.dbo.Pay' }]) {
        const no = await ask(other);
        expect(no.allowed, JSON.stringify(other)).toBe(false);
        expect(no.reason, JSON.stringify(other)).toBeTruthy();
    }

    // What is done appears in the open page by itself; what lay outside is marked.
    const act = (id: string, changes: object) => provider.call<{ results: { result: string }[] }>('POST', `/grants/${grant}/actions`, {
        actions: [{
            id, time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox', target: 'payroll.dbo.Pay',
            statement: 'select blocked from locks', rows: 3, outcome: 'success', ...changes,
        }],
    });
    const done = page.getByRole('region', { name: 'What was done' }).or(page.getByText('select blocked from locks'));
    expect((await act('a-1', {})).body.results[0]?.result).toBe('recorded');
    await expect(done.first()).toBeVisible();
    await expect(page.getByText('3 rows')).toBeVisible();
    expect((await act('a-1', {})).body.results[0]?.result).toBe('duplicate');
    expect((await act('a-2', { operation: 'ReadDiskViaLockbox', statement: 'copy the disk' })).body.results[0]?.result).toBe('refused');
    await expect(page.getByText('1 action was done without permission')).toBeVisible();
    await expect(page.getByText('Done without permission', { exact: true })).toBeVisible();
    await expect(page.getByText('It lay outside of what was approved, and the provider reports it as done: nothing stopped it.')).toBeVisible();

    // End access: within a second the check says no.
    await page.getByRole('button', { name: 'End access' }).tap();
    const end = page.getByRole('dialog', { name: 'End access now' });
    await end.getByRole('button', { name: 'End access now' }).tap();
    await expect(end.getByRole('textbox', { name: 'Justification' })).toHaveAccessibleDescription(/empty/i);
    expect((await ask({})).allowed).toBe(true);
    await end.getByRole('textbox', { name: 'Justification' }).fill('It reached for the disk.');
    const answered = page.waitForResponse((response) => response.url().endsWith('/revoke') && response.ok());
    await end.getByRole('button', { name: 'End access now' }).tap();
    await answered;
    const ended = Date.now();
    expect(await ask({})).toMatchObject({ allowed: false, reason: 'revoked' });
    expect(Date.now() - ended).toBeLessThan(1_000);
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
    await expect(page.getByText('It reached for the disk.').first()).toBeVisible();
});

test('from the link to the recorded decision: 4 taps', async ({ page, provider }, testInfo) => {
    // Counted are taps. Not counted: opening the link, typing, and the two sign-in fields, which a phone's password manager
    // fills in; that it may is what their autocomplete says.
    const raised = await provider.raise();
    await page.goto(`/requests/${raised.id}`);
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toHaveAttribute('autocomplete', 'username');
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('autocomplete', 'current-password');
    const taps = counted();
    await page.getByRole('textbox', { name: 'E-mail' }).fill(PEOPLE.approver);
    await page.getByLabel('Password', { exact: true }).fill('demo');
    await taps.tap(page.getByRole('button', { name: 'Sign in', exact: true }));
    await taps.tap(page.getByRole('textbox', { name: 'Justification' }));
    await page.keyboard.type('Fits the ticket.');
    await taps.tap(page.getByRole('button', { name: 'Approve', exact: true }));
    await taps.tap(page.getByRole('dialog').getByRole('button', { name: 'Approve access' }));
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    expect((await provider.read(raised.id)).decision).toMatchObject({ outcome: 'approved', justification: 'Fits the ticket.' });
    testInfo.annotations.push({ type: 'figure', description: `${taps.count} taps` });
    console.log(`figure: e-mail link to recorded decision: ${taps.count} taps`);
    expect(taps.count).toBeLessThanOrEqual(4);
});

test('for somebody who is signed in: 3 taps', async ({ page, provider }) => {
    const raised = await provider.raise();
    await visit(page, 'approver', `/requests/${raised.id}`);
    const taps = counted();
    await taps.tap(page.getByRole('textbox', { name: 'Justification' }));
    await page.keyboard.type('Fits the ticket.');
    await taps.tap(page.getByRole('button', { name: 'Approve', exact: true }));
    await taps.tap(page.getByRole('dialog').getByRole('button', { name: 'Approve access' }));
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    console.log(`figure: e-mail link to recorded decision, signed in: ${taps.count} taps`);
    expect(taps.count).toBeLessThanOrEqual(3);
});

test('the request is refused where a field is wrong, and nothing is stored', async ({ page, provider }) => {
    await signInByCall(page.request, 'administrator');
    /** How many requests there are, and how far the log has come. */
    const stored = async () => {
        const answer = await page.request.get('/api/v1/lockbox-requests?view=all&with_total=true&limit=1');
        return { requests: (await answer.json()).total as number, log: answer.headers()['x-lockbox-sequence'] };
    };
    const before = await stored();
    expect(before.requests).toBeGreaterThan(0);
    expect(before.log).toMatch(/^\d+$/);
    const { justification: _, ...without } = exampleRequest();
    const wrong: [string, Record<string, unknown>][] = [
        ['/justification', without],
        ['/justification', { ...exampleRequest(), justification: '   ' }],
        ['/justification', { ...exampleRequest(), justification: 'x'.repeat(2_001) }],
    ];
    for (const [at, [pointer, body]] of wrong.entries()) {
        const answer = await provider.call<{ errors: { pointer: string; message: string }[] }>('POST', '/access-requests', body, { 'Idempotency-Key': `bad-${at}` });
        expect(answer.status).toBe(422);
        expect(answer.body.errors.map((error) => error.pointer)).toEqual([pointer]);
        expect(answer.body.errors[0]?.message).toBeTruthy();
    }
    expect(await stored()).toEqual(before);
    // The key of a refused call is free: put right, the request is raised under it, and counted.
    expect((await provider.raise({}, 'bad-0')).status).toBe('customer_notified');
    const after = await stored();
    expect(after.requests).toBe(before.requests + 1);
    expect(Number(after.log)).toBeGreaterThan(Number(before.log));
});
