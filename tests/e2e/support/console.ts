import type { BrowserContext } from '@playwright/test';

/** Collects what the browser complains about on any page of a context: errors, panics, refusals of the security policy. */
export async function watchConsole(context: BrowserContext, allowed: RegExp[], errors: string[]): Promise<void> {
    await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            console.error(`content security policy: ${event.violatedDirective} refused ${event.blockedURI || event.sample}`);
        });
    });
    context.on('weberror', (error) => errors.push(String(error.error())));
    context.on('console', (message) => {
        // A refused call (401, 409 …) is the server's answer, not a fault of the page.
        if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
        if (!allowed.some((pattern) => pattern.test(message.text()))) errors.push(message.text());
    });
}
