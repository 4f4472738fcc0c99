import { expect, mailTest as test, PEOPLE, requestLink, visit } from './support/test.ts';

test('the mail server is down: the request stands, and its mail arrives once it is back', async ({ page, provider, mail, clock }) => {
    test.slow();
    await mail.stop();
    const raised = await provider.raise();
    expect(raised.status).toBe('customer_notified');
    await visit(page, 'approver', `/requests/${raised.id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
    const about = (one: { text: string }) => one.text.includes(raised.id);
    expect((await mail.mails()).filter(about)).toEqual([]);
    await mail.resume();
    // The next try comes after a pause that grows; the clock brings it nearer.
    await expect(async () => {
        await clock.advance({ minutes: 1 });
        expect((await mail.mails()).filter(about).map((one) => one.to.join()).sort()).toEqual(
            [PEOPLE.administrator, PEOPLE.approver, 'security-desk@meridian.example'].sort(),
        );
    }).toPass({ timeout: 40_000, intervals: [500] });
    const mails = (await mail.mails()).filter(about);
    expect(new Set(mails.map((one) => one.message_id)).size).toBe(3);
    for (const one of mails) expect(requestLink(one)).toBe(raised.url);
});

test('a server that is killed after sending goes on, and a second copy is recognisable', async ({ provider, mail, server }) => {
    test.slow();
    const { id } = await provider.raise();
    await mail.waitFor((one) => one.text.includes(id));
    await server.kill();
    await server.resume();
    const again = await provider.raise();
    await mail.waitFor((one) => one.text.includes(again.id));
    const ids = (await mail.mails()).filter((one) => one.text.includes(id)).map((one) => one.message_id);
    // At least once; a second copy carries the same id.
    expect(new Set(ids).size).toBe(3);
});
