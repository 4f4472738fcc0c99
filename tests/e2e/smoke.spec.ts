import { expect, signIn, test } from './support/test.ts';

test.use({ serverFor: 'worker' });

test('the server says that it lives and is ready', async ({ request }) => {
    expect((await request.get('/healthz')).status()).toBe(200);
    expect((await request.get('/readyz')).status()).toBe(200);
});

test('the document carries a content security policy without inline code', async ({ request }) => {
    const policy = (await request.get('/')).headers()['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toContain("'unsafe-inline'");
    expect(policy).not.toContain("'unsafe-eval'");
});

test('the portal starts and asks who is there', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('data-boot', 'ready');
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page).toHaveTitle(/ · Lockbox$/);
    await expect(page.getByRole('textbox', { name: 'E-mail' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
});

test('a deep link survives signing in', async ({ page }) => {
    await signIn(page, 'approver', '/requests');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
