import { askToDecide, mark } from './support/decide.ts';
import { expect, test, visit } from './support/test.ts';

/** Payroll's queue time by the catalog: four days. Left of it when the page opens: ten minutes. */
const ALMOST = { hours: 95, minutes: 50 };

/** `1:02:03` or `3 d 01:02:03` as seconds. */
function seconds(face: string): number {
    const [days, clock] = face.includes(' d ') ? face.split(' d ') : ['0', face];
    return (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}

test('it expires while the page is open: the buttons go and the page says why', async ({ page, provider, clock }) => {
    const { id } = await provider.raise();
    await clock.advance(ALMOST);
    await page.clock.install();
    await visit(page, 'approver', `/requests/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    await expect(page.getByRole('timer').first()).toHaveText(/^(10:00|9:\d\d)$/);
    await clock.advance({ minutes: 10, seconds: 5 });
    await page.clock.fastForward('10:05');
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Deny', exact: true })).toHaveCount(0);
    await expect(page.getByRole('main')).toContainText('Nobody decided in time');
    await expect(page.getByRole('main')).toContainText('Nothing was granted');
    await expect(page.getByText('Expired', { exact: true }).first()).toBeVisible();
});

test('an approval that comes too late is refused, even where the page does not know yet', async ({ page, provider, clock }) => {
    const { id } = await provider.raise();
    await clock.advance(ALMOST);
    await visit(page, 'approver', `/requests/${id}`);
    const dialog = await askToDecide(page, 'Approve', 'In time, I think.');
    await page.route('**/api/v1/lockbox-requests/*/approve', async (route) => {
        await clock.advance({ minutes: 10, seconds: 1 });
        await route.continue();
    });
    const answered = page.waitForResponse(/\/approve$/);
    await dialog.getByRole('button', { name: 'Approve access' }).click();
    expect((await answered).status()).toBe(409);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    await expect(page.getByRole('main')).toContainText('Nothing was granted');
    const after = await provider.read(id);
    expect(after.status).toBe('expired');
    expect(after.access.grant_id).toBeNull();
});

for (const [words, hours] of [['fast', 1], ['slow', -1]] as const) {
    test(`the countdown is the server's with a browser clock one hour ${words}`, async ({ page, provider }) => {
        const { id, decide_by } = await provider.raise();
        await page.clock.install({ time: Date.now() + hours * 3_600_000 });
        await visit(page, 'approver', `/requests/${id}`);
        const timer = page.getByRole('timer').first();
        await expect(timer).toHaveText(/^\d/);
        const off = async () => Math.abs(seconds((await timer.textContent()) ?? '') - (Date.parse(decide_by ?? '') - Date.now()) / 1_000);
        await expect.poll(off).toBeLessThan(5);
        await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    });
}

test('access lapses by itself while the page is open', async ({ page, provider, clock }) => {
    // Less than the 15 minutes that a session may rest: nobody is sent to sign in again.
    const { id } = await provider.raise({ access_minutes: 10 });
    await page.clock.install();
    await visit(page, 'approver', `/requests/${id}`);
    const dialog = await askToDecide(page, 'Approve', 'Ten minutes.');
    await dialog.getByRole('button', { name: 'Approve access' }).click();
    await expect(page.getByRole('button', { name: 'End access' })).toBeVisible();
    await expect(page.getByText('Access open', { exact: true }).first()).toBeVisible();
    const unloaded = await mark(page);
    const grant = (await provider.read(id)).access.grant_id ?? '';
    expect((await provider.check(grant)).allowed).toBe(true);
    await clock.advance({ minutes: 10, seconds: 1 });
    expect(await provider.check(grant)).toMatchObject({ allowed: false, reason: 'lapsed' });
    await page.clock.fastForward('10:01');
    await expect(page.getByText('Lapsed', { exact: true }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'End access' })).toHaveCount(0);
    await expect(page.getByText('Access open', { exact: true })).toHaveCount(0);
    expect(await unloaded(), 'not loaded again').toBe(true);
});

test('wherever a countdown runs, its end is there as a time with zone: on focus, to programs and on paper', async ({ page, provider }) => {
    const { id, decide_by } = await provider.raise();
    await visit(page, 'approver', `/requests/${id}`);
    for (const path of [`/requests/${id}`, '/requests', '/']) {
        await page.goto(path);
        const timer = page.getByRole('main').locator('time[role=timer]').filter({ hasText: /\d:\d\d/ }).first();
        await expect(timer).toBeVisible();
        const at = (await timer.getAttribute('datetime')) ?? '';
        expect(at, path).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        if (path.includes(id)) expect(Math.abs(Date.parse(at) - Date.parse(decide_by ?? ''))).toBeLessThan(1_000);
        await timer.focus();
        await expect(timer, path).toBeFocused();
        const shown = () => timer.evaluate((one) => getComputedStyle(one, '::after').content);
        const zoned = /\d{4}, \d\d:\d\d:\d\d (CEST|CET|GMT\+[12]).*\d\d:\d\d:\d\d UTC/;
        expect(await shown(), path).toMatch(zoned);
        await timer.blur();
        await page.mouse.move(0, 0);
        expect(await shown(), path).not.toMatch(zoned);
        await page.emulateMedia({ media: 'print' });
        expect(await shown(), path).toMatch(zoned);
        expect(await timer.evaluate((one) => getComputedStyle(one).fontSize), path).toBe('0px');
        await page.emulateMedia({ media: 'screen' });
    }
});
