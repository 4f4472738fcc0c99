import type { Page } from '@playwright/test';

import { expect, type Provider, signInByCall, test } from './support/test.ts';

interface Event {
    id: string;
    sequence: number;
    time: string;
    operation: string;
    friendly_name: string | null;
    actor: { name: string };
    environment_id: string | null;
    service_request_id: string | null;
    outcome: 'success' | 'failure' | 'refused';
    details: { target?: string };
}

/** Actions of all outcomes that an engineer can report. */
async function act(provider: Provider, count: number): Promise<void> {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    const actions = Array.from({ length: count }, (_, at) => ({
        id: `a-${at}`,
        time: new Date().toISOString(),
        engineer_id: 'eng-417',
        operation: 'ExecuteSqlViaLockbox',
        target: `payroll.dbo.Row${at}`,
        statement: `SELECT ${at}`,
        rows: 1,
        outcome: at % 3 === 0 ? 'failure' : 'success',
    }));
    const answer = await provider.call('POST', `/grants/${raised.access.grant_id}/actions`, { actions });
    expect(answer.status).toBe(200);
}

/** The whole log, newest first. */
async function all(page: Page): Promise<Event[]> {
    const events: Event[] = [];
    let cursor = '';
    do {
        const part = await (await page.request.get(`/api/v1/logs?limit=200${cursor}`)).json();
        events.push(...part.items);
        cursor = part.next_cursor ? `&cursor=${encodeURIComponent(part.next_cursor)}` : '';
    } while (cursor !== '');
    return events;
}

const WORDS = { success: 'Success', failure: 'Failure', refused: 'Refused' };

/** What a row of this event says, cell by cell, with times in UTC. */
function told(event: Event, environments: Map<string, string>, place: number, open: boolean): unknown {
    const format = new Intl.DateTimeFormat('en-GB', {
        day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: 'UTC',
    });
    const words = (event.friendly_name ?? event.operation) + (event.details.target ?? '');
    return {
        sequence: event.sequence,
        place,
        datetime: `${event.time.slice(0, 19)}Z`,
        cells: [
            format.format(new Date(event.time)),
            words,
            event.actor.name,
            event.environment_id === null ? '' : (environments.get(event.environment_id) ?? event.environment_id),
            event.service_request_id ?? '',
            WORDS[event.outcome],
        ],
        open: open ? { current: 'true', expanded: 'true', controls: `details-${event.id}` } : { current: null, expanded: 'false', controls: null },
    };
}

test('a row that is filled in again says nothing of the event that it showed before', async ({ page, provider }) => {
    await act(provider, 60);
    await signInByCall(page.request, 'administrator');
    const events = await all(page);
    const kinds = new Set(events.map(({ outcome, details, environment_id: place }) => `${outcome} ${details.target !== undefined} ${place !== null}`));
    expect(kinds.size, [...kinds].join(', ')).toBeGreaterThan(3);
    const items = (await (await page.request.get('/api/v1/environments?limit=200')).json()).items as { id: string; name: string }[];
    const environments = new Map(items.map(({ id, name }) => [id, name]));
    await page.goto('/logs');
    const rows = page.locator('tr[data-sequence]');
    await expect(rows.first()).toBeVisible();
    const opened = events[5]!;
    let open = true;

    /** Scrolls there by half a screen a step, then compares every row that is in the page with its event. */
    const compare = async (top: number) => {
        await page.evaluate(async (top) => {
            const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
            for (let stuck = 0, before = -1; Math.abs(scrollY - top) > 1 && stuck < 30; before = scrollY) {
                stuck = scrollY === before ? stuck + 1 : 0;
                const step = Math.min(Math.abs(top - scrollY), innerHeight / 2);
                window.scrollBy(0, Math.sign(top - scrollY) * step);
                await frame();
                await frame();
            }
        }, top);
        await expect(async () => {
            const shown = await rows.evaluateAll((rows) =>
                rows.map((row) => {
                    const button = row.querySelector('button');
                    return {
                        sequence: Number(row.getAttribute('data-sequence')),
                        place: Number(row.getAttribute('aria-rowindex')),
                        datetime: row.querySelector('time')?.dateTime,
                        cells: [...row.children].map((cell) => cell.textContent?.trim()),
                        open: {
                            current: row.getAttribute('data-current'),
                            expanded: button?.getAttribute('aria-expanded'),
                            controls: button?.getAttribute('aria-controls') ?? null,
                        },
                    };
                }),
            );
            expect(shown.length).toBeGreaterThan(5);
            const wanted = shown.map(({ sequence }) => {
                const at = events.findIndex((event) => event.sequence === sequence);
                return told(events[at]!, environments, at + 2, open && events[at] === opened);
            });
            expect(shown).toEqual(wanted);
        }).toPass({ timeout: 15_000 });
    };

    await page.getByRole('combobox', { name: 'Show times' }).selectOption('utc');
    await rows.nth(5).getByRole('button').click();
    await expect(page.locator('.c-logs__details')).toHaveCount(1);
    await compare(400);
    await compare(2_600);
    expect(await page.locator('.c-logs__details').count(), 'the row that is open is far above').toBe(0);
    // The clock ticks on all of them, those that wait to be filled in again among them.
    await page.getByRole('combobox', { name: 'Show times' }).selectOption('ago');
    await page.getByRole('combobox', { name: 'Show times' }).selectOption('utc');
    await compare(4_000);
    await compare(0);
    await rows.nth(5).getByRole('button').click();
    await expect(page.locator('.c-logs__details')).toHaveCount(0);
    open = false;
    await compare(2_600);
    await compare(0);
});
