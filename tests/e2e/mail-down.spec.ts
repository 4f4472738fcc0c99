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

test('a server that is killed between sending and hearing of it sends again, and the second copy is recognisable', async ({ provider, mail, server, clock }) => {
    test.slow();
    await mail.holdAnswers();
    const { id } = await provider.raise();
    await expect.poll(async () => (await mail.held()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    const [messageId] = await mail.held();
    const copies = async () => (await mail.mails()).filter((one) => one.message_id === messageId);
    expect(await copies()).toHaveLength(1);
    const [first] = await copies();
    // The mail has arrived, and nobody has told the server so.
    await server.kill();
    await mail.answerAgain();
    await server.resume();
    // A try that was under way counts as one that may have failed: the next one comes after a pause.
    await expect(async () => {
        await clock.advance({ minutes: 1 });
        expect((await copies()).length).toBeGreaterThan(1);
    }).toPass({ timeout: 40_000, intervals: [500] });
    for (const copy of await copies()) {
        expect({ ...copy, headers: [] }).toEqual({ ...first, headers: [] });
    }
    // Everybody has it, and of what is recognised by its id there is one each.
    const all = async () => (await mail.mails()).filter((one) => one.text.includes(id));
    await expect.poll(async () => new Set((await all()).map((one) => one.to.join())).size).toBe(3);
    expect(new Set((await all()).map((one) => one.message_id)).size).toBe(3);
});
