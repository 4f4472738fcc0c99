import { expect, type Page } from '@playwright/test';

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
} as const;

export type Person = keyof typeof PEOPLE;

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
