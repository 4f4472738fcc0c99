import { test as base, type BrowserContext, expect, type Page } from '@playwright/test';

import { Clock } from './clock.ts';
import { watchConsole } from './console.ts';
import { MailServer } from './mail.ts';
import { Provider } from './provider.ts';
import { Server, type ServerOptions } from './server.ts';

export { expectAccessible, expectAccessibleInBoth } from './accessible.ts';
export { readMail, requestLink, type Mail } from './mail.ts';
export { fillSignIn, NAMES, OWN_CALL, PEOPLE, type Person, signIn, signInByCall, visit } from './people.ts';
export { type AccessRequest, exampleRequest, Provider } from './provider.ts';
export { pause } from './server.ts';
export { shots } from './shots.ts';
export { expect };

interface Options {
    /**
     * `test` (the default): every test has a server with fresh data. `worker`: tests share one that nobody may change,
     * for tests that only look. Set with `test.use({ serverFor: 'worker' })`.
     */
    serverFor: 'test' | 'worker';
    /** How the server is started. */
    serverOptions: ServerOptions;
    /** Messages of the browser's console that are no fault in this test. */
    allowedConsole: RegExp[];
}

interface Fixtures {
    /** The real server; `page.goto('/…')` goes to it. */
    server: Server;
    /** The provider's JIT service with the demo's key. */
    provider: Provider;
    /** The server's clock. */
    clock: Clock;
    /** Fails a test whose page reported an error: a panic, a refusal of the content security policy, a lost promise. */
    quietConsole: (context: BrowserContext) => Promise<void>;
    /** A page of somebody else, in a browser profile of its own. */
    another: () => Promise<Page>;
}

interface WorkerFixtures {
    sharedServer: (options: ServerOptions) => Promise<Server>;
}

export const test = base.extend<Options & Fixtures, WorkerFixtures>({
    serverFor: ['test', { option: true }],
    serverOptions: [{}, { option: true }],
    allowedConsole: [[], { option: true }],

    sharedServer: [
        async ({}, use) => {
            const started = new Map<string, Promise<Server>>();
            await use((options) => {
                const key = JSON.stringify(options);
                const server = started.get(key) ?? Server.start(options);
                started.set(key, server);
                return server;
            });
            const servers = await Promise.allSettled(started.values());
            for (const server of servers) if (server.status === 'fulfilled') await server.value.dispose();
        },
        { scope: 'worker' },
    ],

    server: async ({ serverFor, serverOptions, sharedServer }, use, testInfo) => {
        if (serverFor === 'worker') {
            const shared = await sharedServer(serverOptions);
            const before = await requestsOf(shared);
            await use(shared);
            // Which tests share a server is chance: what one of them changes makes another fail, on some days.
            expect(await requestsOf(shared), 'a test changed the server that it shares').toEqual(before);
            return;
        }
        const server = await Server.start(serverOptions);
        await use(server);
        if (testInfo.status !== testInfo.expectedStatus) {
            await testInfo.attach('server log', { body: server.log(), contentType: 'text/plain' });
        }
        await server.dispose();
    },

    baseURL: async ({ server }, use) => use(server.url),
    provider: async ({ server }, use) => use(new Provider(server.url)),
    clock: async ({ server }, use) => use(new Clock(server.url)),

    quietConsole: [
        async ({ context, allowedConsole }, use) => {
            const errors: string[] = [];
            const watch = (watched: BrowserContext) => watchConsole(watched, allowedConsole, errors);
            await watch(context);
            await use(watch);
            expect(errors, 'errors in the console of the browser').toEqual([]);
        },
        { auto: true },
    ],

    another: async ({ browser, baseURL, contextOptions, quietConsole }, use) => {
        const contexts: BrowserContext[] = [];
        await use(async () => {
            const context = await browser.newContext({ ...contextOptions, baseURL });
            contexts.push(context);
            await quietConsole(context);
            return context.newPage();
        });
        for (const context of contexts) await context.close();
    },
});

/** Every request of the server with how far it has come. */
async function requestsOf(server: Server): Promise<string[]> {
    const answer = await new Provider(server.url).call<{ items: { id: string; status: string }[] }>('GET', '/access-requests?limit=200');
    return answer.body.items.map(({ id, status }) => `${id} ${status}`);
}

/** As `test`, with a real SMTP server that the server under test sends its mail to. Set `serverOptions` in it no more. */
export const mailTest = test.extend<{ mail: MailServer }>({
    mail: async ({}, use) => {
        const mail = await MailServer.start();
        await use(mail);
        await mail.dispose();
    },
    serverOptions: async ({ mail }, use) => use({ env: mail.environment() }),
});
