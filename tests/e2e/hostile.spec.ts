import { expectWholeOnPaper } from './support/paper.ts';
import { exampleRequest, expect, OWN_CALL, signInByCall, test } from './support/test.ts';

/** What a careless page would run, turn round or hide, and how it is to be read. */
const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const TURNED = '\u202egnp.exe\u202c \u200b';
const SEEN = '⟨U+202E⟩gnp.exe⟨U+202C⟩';
/** A terminal would turn what follows red. A statement with it is no statement: it is on record as a faulty report, in letters. */
const CONTROL = '\u001b[31m';
const CONTROL_SEEN = '\\u{1b}[31m';
const FORMULA = "=cmd|' /C calc'!A0";
const hostile = (what: string, letters: number) => `${what} ${MARKUP} ${FORMULA} 😀👩‍👩‍👧‍👦 ﷽ ${'x'.repeat(2_000)}`.slice(0, letters);

test('whatever others wrote is text on /logs and /history, in every field, and what is hidden in it is seen', async ({ page, provider }) => {
    const environment = 'env_payroll';
    // What is not seen, or turns what stands beside it round, is refused in a name; in a statement it is what was run.
    const path = `/organizations/org_meridian/environments/${environment}`;
    const turned = await provider.call('PUT', path, { name: `Place ${TURNED}`, service: 'azure-sql-database', region: 'West Europe' });
    expect(turned.status).toBe(422);
    const put = await provider.call('PUT', path, {
        name: hostile('Place', 200), service: 'azure-sql-database', region: 'West Europe',
    });
    expect(put.status).toBe(200);
    const ticket = '=SUM(1)<b>';
    const opened = await provider.call('PUT', `/organizations/org_meridian/service-requests/${encodeURIComponent(ticket)}`, {
        title: hostile('Ticket', 200), description: hostile('Text', 2_000), severity: 'moderate',
    });
    expect(opened.status).toBe(201);
    const raised = await provider.raise({
        environment_id: environment,
        service_request_id: ticket,
        engineer: { ...(exampleRequest().engineer as object), name: hostile('Engineer', 200), team: hostile('Team', 200) },
        justification: hostile('Why', 2_000),
        targets: [hostile('target', 200).trim()],
    });
    await signInByCall(page.request, 'administrator');
    const etag = (await page.request.get(`/api/v1/lockbox-requests/${raised.id}`)).headers()['etag'] ?? '';
    const approved = await page.request.post(`/api/v1/lockbox-requests/${raised.id}/approve`, {
        data: { justification: hostile('Because', 2_000), access_minutes: 60 }, headers: { ...OWN_CALL, 'If-Match': etag },
    });
    expect(approved.status()).toBe(200);
    const grant = (await provider.read(raised.id)).access.grant_id ?? '';
    const told = await provider.call('POST', `/grants/${grant}/actions`, {
        actions: [{
            id: 'a-1', time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox',
            target: hostile('target', 200).trim(), statement: `${hostile('SELECT', 1_900)}${TURNED}`, rows: 1, outcome: 'success',
        }, {
            id: 'a-2', time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox',
            target: 'payroll', statement: `${hostile('UPDATE', 1_900)}${CONTROL}`, rows: 1, outcome: 'success',
        }],
    });
    expect(told.status).toBe(200);

    /** Nothing of it became an element, ran, or turned what stands beside it round. */
    const harmless = async () => {
        await expect(page).not.toHaveTitle(/^[12]/);
        await expect(page.locator('main img, main script')).toHaveCount(0);
        expect(await page.getByRole('main').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u001b]/);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over).toBeLessThanOrEqual(0);
    };
    await page.goto(`/logs?request_id=${raised.id}`);
    const table = page.getByRole('table', { name: 'Events', exact: true });
    await expect(table.getByRole('row').nth(1)).toContainText(`Place ${MARKUP}`.slice(0, 60));
    await expect(table).toContainText(ticket);
    for (let at = 0; at < 4; at += 1) {
        await table.locator('.c-table__link').nth(at).press('Enter');
        await expect(page.locator('.c-logs__details')).toBeVisible();
        await harmless();
        await table.locator('.c-table__link').nth(at).press('Enter');
    }
    const details = page.locator('.c-logs__details');
    for (const [outcome, statement, seen] of [['success', 'SELECT', SEEN], ['refused', 'UPDATE', CONTROL_SEEN]] as const) {
        await page.goto(`/logs?request_id=${raised.id}&category=data_access&outcome=${outcome}`);
        await table.locator('.c-table__link').first().press('Enter');
        for (const words of [`${statement} ${MARKUP}`, `Place ${MARKUP}`, seen]) await expect(details).toContainText(words);
        await harmless();
        await expectWholeOnPaper(page, [`${statement} ${MARKUP}`, seen]);
        await page.emulateMedia({ media: 'screen' });
    }
    // A link is anybody's words as well.
    await page.goto(`/logs?outcome=${encodeURIComponent(MARKUP + TURNED)}`);
    await expect(page.getByRole('list', { name: 'Filters' })).toContainText(`outcome: ${MARKUP}${SEEN}`);
    await harmless();
    await page.goto('/history?days=7');
    const main = page.getByRole('main');
    for (const title of ['By environment', 'By team', 'Decided requests']) {
        await expect(main.getByRole('table', { name: title })).toContainText(MARKUP);
    }
    await expect(main.getByRole('table', { name: 'Decided requests' })).toContainText(ticket);
    await expect(main.getByRole('table', { name: 'Decided requests' })).toContainText(`Because ${MARKUP}`);
    await harmless();
    await expectWholeOnPaper(page, [hostile('Because', 2_000), hostile('Place', 200).trim()]);
});
