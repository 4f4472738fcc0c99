import { type APIRequestContext, expect, type Page } from '@playwright/test';

/** What the portal sends with every call that changes something; without it the server refuses. */
export const OWN_CALL = { 'X-Lockbox-Request': '1' };

/** Accounts that `lockbox serve --demo` makes; the password of every one is `demo`. */
export const PEOPLE = {
    administrator: 'admin@meridian.example',
    approver: 'approver@meridian.example',
    reader: 'reader@meridian.example',
    member: 'member@meridian.example',
    otherAdministrator: 'admin@northstar.example',
    otherApprover: 'approver@northstar.example',
    engineer: 'engineer@provider.example',
    lead: 'lead@provider.example',
    manager: 'devops@provider.example',
} as const;

export type Person = keyof typeof PEOPLE;

/** What the log and the pages call them. */
export const NAMES = {
    administrator: 'Ana Ruiz',
    approver: 'Jonas Weber',
    reader: 'Priya Nair',
    member: 'Sam Okoye',
    lead: 'Robin Lee',
    manager: 'Noor Haddad',
} as const;

/** Fills in the sign-in page that is being shown, as a person does, and waits until it has gone. */
export async function fillSignIn(page: Page, person: Person, password = 'demo'): Promise<void> {
    await page.getByRole('textbox', { name: 'E-mail' }).fill(PEOPLE[person]);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page).not.toHaveURL(/\/sign-in/);
}

/** Opens `path`, is sent to the sign-in page, signs in and ends where it wanted to go. */
export async function signIn(page: Page, person: Person, path = '/'): Promise<void> {
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in/);
    await fillSignIn(page, person);
    await expect(page).toHaveURL((url) => url.pathname === new URL(path, url).pathname);
}

/** Signs in without the page, for tests that are about something else. The cookie goes to the pages of the same context. */
export async function signInByCall(request: APIRequestContext, person: Person): Promise<void> {
    const answer = await request.post('/api/v1/session', { data: { email: PEOPLE[person], password: 'demo' }, headers: OWN_CALL });
    expect(answer.status(), `signing ${person} in`).toBe(200);
}

/** Opens `path` as a person who is signed in already, and waits until its heading stands. */
export async function visit(page: Page, person: Person, path: string): Promise<void> {
    await signInByCall(page.request, person);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}
