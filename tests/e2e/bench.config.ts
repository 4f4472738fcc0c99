import { defineConfig } from '@playwright/test';

import tests from './playwright.config.ts';

/** Measurements, not tests: `cargo xtask bench logs --part browser` starts the server, names it here and reads the figures. */
export default defineConfig({
    testDir: 'bench',
    testMatch: '**/*.bench.ts',
    outputDir: 'results/bench',
    // One after the other: they would slow each other down.
    workers: 1,
    retries: 0,
    forbidOnly: true,
    timeout: 20 * 60_000,
    expect: { timeout: 20_000 },
    reporter: [['./bench/reporter.ts']],
    use: {
        ...tests.use,
        baseURL: process.env.LOCKBOX_BENCH_URL,
        viewport: { width: 1280, height: 800 },
        trace: 'off',
        screenshot: 'off',
    },
});
