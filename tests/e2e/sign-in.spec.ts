import type { Request } from '@playwright/test';

import { expect, fillSignIn, PEOPLE, signIn, signInByCall, test, visit } from './support/test.ts';

const REFUSED = 'E-mail and password do not match an account here.';

test.describe('where the link leads', () => {
    test.use({ serverFor: 'worker' });

    for (const path of ['/requests?view=all&q=a%2Fb', '/logs?outcome=refused', '/administration?tab=members']) {
        test(`back to ${path}`, async ({ page }) => {
            await page.goto(path);
            await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeVisible();
            // Asked of the page itself: a document that is being left still tells of its own address when the next has come.
            const here = async () => {
                const url = new URL(await page.evaluate(() => location.href));
                return [url.pathname, url.searchParams.get('return_to')];
            };
            await expect.poll(here).toEqual(['/sign-in', path]);
            await fillSignIn(page, 'administrator');
            const wanted = new URL(path, page.url());
            await expect(page).toHaveURL((url) => url.pathname === wanted.pathname && String(url.searchParams) === String(wanted.searchParams));
        });
    }

    const HOSTILE = [
        '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', 'https://evil.example/', 'HTTPS:evil.example',
        'javascript:alert(1)', 'data:text/html,x', '/%2F%2Fevil.example/..//evil.example', '/requests/..//evil.example', '/%2e%2e//evil.example', '/\t/evil.example', '/\n/evil.example',
        '\u0000//evil.example', ' //evil.example', '@evil.example', '.evil.example', '/sign-in?return_to=/sign-in', '',
    ];
    test('never out of the portal, whatever the address says', async ({ page, baseURL }) => {
        test.slow();
        const left: string[] = [];
        page.on('request', (request) => {
            if (new URL(request.url()).origin !== baseURL) left.push(request.url());
        });
        page.on('dialog', (dialog) => {
            left.push(dialog.message());
            void dialog.dismiss();
        });
        await signInByCall(page.request, 'approver');
        for (const wanted of HOSTILE) {
            for (const value of [encodeURIComponent(wanted), encodeURIComponent(encodeURIComponent(wanted))]) {
                // Signed in already: the page goes on at once, as it does after the button.
                await page.goto(`/sign-in?return_to=${value}`);
                await expect(page, JSON.stringify(wanted)).not.toHaveURL((url) => url.pathname === '/sign-in');
                expect(new URL(page.url()).origin, JSON.stringify(wanted)).toBe(baseURL);
                await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
            }
        }
        expect(left).toEqual([]);
    });

    test('after the button too', async ({ page, baseURL }) => {
        await page.goto(`/sign-in?return_to=${encodeURIComponent('//evil.example/requests')}`);
        await fillSignIn(page, 'approver');
        await expect(page).toHaveURL(`${baseURL}/`);
    });
});

test('a wrong password and an unknown person get the same words, the e-mail stays', async ({ page }) => {
    await page.goto('/sign-in');
    const email = page.getByRole('textbox', { name: 'E-mail' });
    const password = page.getByLabel('Password', { exact: true });
    for (const [who, secret] of [[PEOPLE.approver, 'wrong'], ['nobody@meridian.example', 'demo']] as const) {
        await email.fill(who);
        await password.fill(secret);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await expect(page.getByRole('alert')).toHaveText(REFUSED);
        await expect(email).toHaveValue(who);
        await expect(password).toHaveValue('');
    }
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    // What is missing stands at its field, which has the focus.
    await expect(password).toHaveAccessibleDescription(/Fill in your password\./);
    await expect(password).toBeFocused();
    await expect(email).not.toHaveAttribute('aria-invalid', 'true');
    await email.fill(' ');
    await password.fill('demo');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(email).toHaveAccessibleDescription(/Fill in your e-mail address\./);
    await expect(email).toBeFocused();
    await expect(password).not.toHaveAttribute('aria-invalid', 'true');
    await expect(page).toHaveURL(/\/sign-in$/);
});

test('nobody who has not been here is promised to be back where they were', async ({ page }) => {
    await page.goto('/requests');
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText('What you typed is kept');
});

test('signing out ends the session on the server, too', async ({ page }) => {
    await signIn(page, 'approver');
    await page.getByRole('link', { name: 'Requests', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Requests' })).toBeVisible();
    const cookies = await page.context().cookies();
    expect(cookies.filter((cookie) => !cookie.httpOnly || cookie.sameSite === 'None')).toEqual([]);
    await page.getByRole('button', { name: 'You and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await page.context().addCookies(cookies);
    expect((await page.request.get('/api/v1/session')).status()).toBe(401);
    await page.goBack();
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeVisible();
});

test('a session that ran out leads to sign-in and back', async ({ page, clock }) => {
    // Deaf to what happens meanwhile: the call that the press makes has to find out. A stream that fails would read the session.
    await page.route('**/api/v1/stream*', () => {});
    // Nor may a call that the page has still to make find it out first: the counts come after the rows.
    let [open, last] = [0, Date.now()];
    const heard = (by: number) => (request: Request) => {
        if (request.url().includes('/stream')) return;
        [open, last] = [open + by, Date.now()];
    };
    page.on('request', heard(1)).on('requestfinished', heard(-1)).on('requestfailed', heard(-1));
    await visit(page, 'approver', '/requests?view=recent');
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
    await expect.poll(() => open === 0 && Date.now() - last > 1_500, { timeout: 20_000 }).toBe(true);
    await clock.advance({ hours: 13 });
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await expect(page.getByRole('main')).toContainText('What you typed is kept');
    await fillSignIn(page, 'approver');
    await expect(page).toHaveURL(/\/requests\?view=all$/);
    await expect(page.getByRole('table', { name: 'Requests' })).toBeVisible();
});

test('a call from another site is refused', async ({ page, server }) => {
    await signInByCall(page.request, 'administrator');
    const bare = await page.request.delete('/api/v1/session', { headers: { Origin: 'https://evil.example' } });
    expect([403, 415]).toContain(bare.status());
    const foreign = await page.request.delete('/api/v1/session', {
        headers: { Origin: 'https://evil.example', 'X-Lockbox-Request': '1', 'Content-Type': 'application/json' },
    });
    expect(foreign.status()).toBe(403);
    expect((await page.request.get(`${server.url}/api/v1/session`)).status()).toBe(200);
});
