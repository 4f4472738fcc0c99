import { defineConfig } from '@playwright/test';

/** `cargo xtask test` names the browser; `CHROMIUM=/usr/bin/chromium npx playwright test` does by hand. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Journeys that people make with a phone in the hand. Narrow pages of everything else are looked at by `a11y.spec.ts`. */
const PHONE = ['**/demo-mail.spec.ts', '**/main-story.spec.ts', '**/phone.spec.ts'];

/** Pictures for people to look at, made by `npm run screenshots`; no test. */
const PICTURES = process.env.LOCKBOX_SCREENSHOTS ? [] : ['**/screenshots.spec.ts'];

const DESKTOP = { viewport: { width: 1280, height: 800 } };

/**
 * What is timed by the clock: it runs after all the rest, when nothing else loads pages. Who names its file on the command line
 * adds `--no-deps`, or all the rest runs first.
 */
const ALONE = /@alone/;

export default defineConfig({
    testDir: '.',
    testMatch: '**/*.spec.ts',
    outputDir: 'results/artifacts',
    // Every test has its own server or shares one that its file may only read, so files and tests run side by side.
    fullyParallel: true,
    workers: 2,
    // A test that passes only the second time hides a fault.
    retries: 0,
    forbidOnly: true,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    reporter: [['list'], ['json', { outputFile: 'results/report.json' }]],
    use: {
        actionTimeout: 10_000,
        navigationTimeout: 20_000,
        locale: 'en-GB',
        timezoneId: 'Europe/Vienna',
        trace: 'retain-on-failure',
        screenshot: 'only-on-failure',
        launchOptions: {
            executablePath,
            args: [
                // Chromium refuses its sandbox to root, which is who runs tests in a container.
                '--no-sandbox',
                '--disable-gpu',
                '--disable-quic',
                '--no-first-run',
                '--disable-background-networking',
                '--disable-component-update',
                '--disable-sync',
            ],
        },
    },
    projects: [
        { name: 'desktop', testIgnore: [...PHONE, ...PICTURES], grepInvert: ALONE, use: DESKTOP },
        { name: 'phone', testMatch: PHONE, grepInvert: ALONE, use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
        { name: 'alone', testIgnore: [...PHONE, ...PICTURES], grep: ALONE, workers: 1, dependencies: ['desktop', 'phone'], use: DESKTOP },
    ],
});
