import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

/** Says what went wrong and nothing else: the figures are printed by who asked for them. */
export default class Quiet implements Reporter {
    onTestEnd(test: TestCase, result: TestResult): void {
        for (const error of result.errors) this.say(`${test.title}: ${error.stack ?? error.message ?? 'failed'}`);
    }

    onError(error: TestError): void {
        this.say(error.stack ?? error.message ?? 'failed');
    }

    private say(text: string): void {
        process.stderr.write(`${text}\n`);
    }
}
