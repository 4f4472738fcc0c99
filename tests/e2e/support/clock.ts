/** The server's clock, which exists only in a server built with the feature `test-hooks`. */
export class Clock {
    constructor(private readonly baseURL: string) {}

    /** Sets it to an instant; it stands or runs on from there as the server decides. */
    async set(now: Date | string): Promise<void> {
        await this.post({ now: typeof now === 'string' ? now : now.toISOString() });
    }

    /** Moves it on. */
    async advance(by: { hours?: number; minutes?: number; seconds?: number }): Promise<void> {
        const seconds = (by.hours ?? 0) * 3600 + (by.minutes ?? 0) * 60 + (by.seconds ?? 0);
        await this.post({ advance_seconds: seconds });
    }

    private async post(body: unknown): Promise<void> {
        const response = await fetch(`${this.baseURL}/test/clock`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'X-Lockbox-Request': '1' },
            body: JSON.stringify(body),
        });
        if (!response.ok) {
            throw new Error(`the clock can't be set (${response.status}): is the server built with test-hooks?`);
        }
    }
}
