import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, fillSignIn, type Mail, PEOPLE, readMail, requestLink, test, visit } from './support/test.ts';

/** The letters about a request, as the demo wrote them down, by who they are for. */
async function letters(dataDir: string, id: string): Promise<Map<string, Mail>> {
    const folder = join(dataDir, 'mail');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
    const mails = await Promise.all(names.map((name) => readMail(join(folder, name))));
    return new Map(mails.filter((mail) => mail.text.includes(id)).map((mail) => [mail.to.join(), mail]));
}

/** Every address that a part of a letter leads to, once. */
const links = (part: string) => [...new Set(part.match(/https?:\/\/[^\s"'<>]+/g) ?? [])];

test('a letter in the demo’s mailbox leads to sign-in and then to its request', async ({ page, provider }) => {
    const { id } = await provider.raise();
    await page.goto('/demo/mail');
    const letter = page.getByRole('listitem').filter({ hasText: id }).filter({ hasText: `To ${PEOPLE.approver}` });
    await expect(letter).toHaveCount(1);
    await expect(letter.getByRole('heading', { name: /Action needed.*Payroll/ })).toBeVisible();
    await expect(letter).toContainText('Engineer 417');
    await letter.getByRole('link', { name: 'Follow the link in this mail' }).tap();
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await fillSignIn(page, 'approver');
    await expect(page).toHaveURL((url) => url.pathname === `/requests/${id}`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(id);
    await expect(page.getByRole('textbox', { name: 'Justification' })).toBeVisible();
    expect(await provider.read(id)).toMatchObject({ status: 'customer_notified', access: { state: 'none', grant_id: null } });
});

test('a letter that comes in while the mailbox is open appears by itself', async ({ page, provider }) => {
    await visit(page, 'approver', '/demo/mail');
    await expect(page.getByRole('heading', { name: /Action needed/ }).first()).toBeVisible();
    const { id } = await provider.raise();
    await expect(page.getByRole('listitem').filter({ hasText: id }).first()).toBeVisible();
});

test('so it does for somebody who is not signed in', async ({ page, provider }) => {
    await page.goto('/demo/mail');
    const first = page.getByRole('heading', { name: /Action needed/ }).first();
    await expect(first).toBeVisible();
    const raised = [await provider.raise(), await provider.raise()];
    for (const { id } of raised) await expect(page.getByRole('listitem').filter({ hasText: id }).first()).toBeVisible();
    await expect(page).toHaveURL('/demo/mail');
});

test('the letter is whole in both its forms, with one link', async ({ provider, server }) => {
    const raised = await provider.raise();
    const wanted = [PEOPLE.administrator, PEOPLE.approver];
    const all = () => letters(server.dataDir, raised.id);
    await expect.poll(async () => [...(await all()).keys()]).toEqual(expect.arrayContaining(wanted));
    const day = new Date(raised.decide_by ?? '');
    const decideBy = new RegExp(`Decide by.{0,200}\\b${day.getUTCDate()}\\b.{0,40}\\b${String(day.getUTCHours()).padStart(2, '0')}:${String(day.getUTCMinutes()).padStart(2, '0')}.{0,10}UTC`);
    for (const [to, mail] of await all()) {
        expect(mail.subject, to).toContain('Payroll');
        expect(requestLink(mail), to).toBe(raised.url);
        for (const part of [mail.text, mail.html]) {
            const words = part.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
            expect(words, to).toContain('Engineer 417');
            expect(words, to).toContain('Payroll');
            expect(words, to).toMatch(decideBy);
            expect(links(part), to).toEqual([raised.url]);
        }
    }
});
