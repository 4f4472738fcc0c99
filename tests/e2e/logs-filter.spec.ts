import type { Page } from '@playwright/test';

import { exampleRequest, expect, expectAccessible, expectAccessibleInBoth, OWN_CALL, PEOPLE, signInByCall, test, visit } from './support/test.ts';

const rows = (page: Page) => page.getByRole('table', { name: 'Events', exact: true }).getByRole('row');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' });
const line = (page: Page) => page.getByRole('searchbox', { name: 'Search events' });
const remove = (page: Page, name: string) => chips(page).getByRole('button', { name: `Remove filter ${name}` });

/** As long as typing has to rest until the page follows, and much longer. The page's clock must be set. */
async function rest(page: Page): Promise<void> {
    await page.clock.runFor(2_000);
    // What the timers began has come through to the page at its next frame.
    await page.evaluate(() => new Promise((drawn) => void setTimeout(drawn)));
}

test.describe('looking', () => {
    test.use({ serverFor: 'worker' });

    test('the typed line and the chips say the same', async ({ page }) => {
        await page.clock.install();
        await visit(page, 'reader', '/logs');
        await expect(rows(page).nth(1)).toBeVisible();
        await line(page).pressSequentially('-outcome:success operation:"Lockbox Request Rejection"');
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/not_outcome=success/);
        await expect(remove(page, 'Outcome: not Success')).toBeVisible();
        await expect(remove(page, 'Event: Lockbox Request Rejection')).toBeVisible();
        const told = await (await page.request.get('/api/v1/logs?not_outcome=success&operation=Lockbox%20Request%20Rejection')).json();
        await expect(rows(page)).toHaveCount(told.items.length + 1);

        await remove(page, 'Event: Lockbox Request Rejection').click();
        await expect(line(page)).toHaveValue('-outcome:success');
        await page.goBack();
        await expect(line(page)).toHaveValue('operation:"Lockbox Request Rejection" -outcome:success');

        // Free text takes effect by itself; a value only when it is whole.
        await line(page).fill('pay');
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/\/logs\?q=pay$/);
        // Words are whole words; what only begins so is one press away.
        await line(page).fill('payro');
        await expect(page).toHaveURL(/\/logs\?q=payro$/);
        await page.getByRole('link', { name: 'Search for payro*' }).click();
        await expect(line(page)).toHaveValue('payro*');
        await expect(rows(page).nth(1)).toBeVisible();
        await line(page).fill('pay');
        await expect(page).toHaveURL(/\/logs\?q=pay$/);
        await line(page).pressSequentially('roll');
        await expect(page).toHaveURL(/\/logs\?q=payroll$/);
        // At once: the clock runs, and where typing rests, what is there so far takes effect.
        await line(page).fill('payroll category:data');
        await rest(page);
        await expect(page).toHaveURL(/\/logs\?q=payroll$/);
        await expect(line(page)).not.toHaveAttribute('aria-invalid');
        await page.keyboard.press('Enter');
        await expect(line(page)).toHaveAttribute('aria-invalid', 'true');
        await expect(line(page)).toHaveAccessibleDescription(/category:data.*activity and data_access/);
        await expect(line(page)).toHaveValue('payroll category:data');
        await expect(page).not.toHaveURL(/category/);
        // Whole, but it could go on: only a space or Enter ends it.
        await line(page).pressSequentially('_access');
        await rest(page);
        await expect(page).not.toHaveURL(/category/);
        await line(page).pressSequentially(' ');
        await rest(page);
        await expect(page).toHaveURL(/category=data_access/);
        await expect(line(page)).not.toHaveAttribute('aria-invalid');
    });

    test('the line completes from what exists, with counts', async ({ page }) => {
        await visit(page, 'reader', '/logs');
        await expect(page.getByRole('slider', { name: 'Narrow the time' })).toBeVisible();
        const told = await (await page.request.get('/api/v1/logs/summary')).json();
        await line(page).pressSequentially('act');
        const offers = page.getByRole('listbox', { name: 'What the line can become' }).getByRole('option');
        await expect(offers.first()).toContainText('actor:');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await expect(line(page)).toHaveValue('actor:');
        await expect(offers.first()).toContainText(told.actors.items[0].label);
        await expect(offers.first()).toContainText(String(told.actors.items[0].count));
        await page.keyboard.press('ArrowDown');
        await expect(line(page)).toHaveAttribute('aria-activedescendant', (await offers.first().getAttribute('id')) ?? '');
        await page.keyboard.press('Enter');
        await expect(remove(page, `Actor: ${told.actors.items[0].label}`)).toBeVisible();
        await expect(page.getByText(new RegExp(`^${told.actors.items[0].count} events?$`))).toBeVisible();
    });

    test('the histogram narrows the time by keyboard and by pointer, and has its numbers as a table', async ({ page }) => {
        await visit(page, 'reader', '/logs');
        const slider = page.getByRole('slider', { name: 'Narrow the time' });
        await slider.focus();
        await page.keyboard.press('Home');
        await expect(slider).toHaveAttribute('aria-valuetext', /until .*: Success \d+, Failure \d+, Refused \d+/);
        await page.keyboard.press('Shift+ArrowRight');
        const words = (await slider.getAttribute('aria-valuetext')) ?? '';
        const counted = [...words.matchAll(/(?:Success|Failure|Refused) (\d+)/g)].reduce((sum, one) => sum + Number(one[1]), 0);
        expect(counted).toBeGreaterThan(0);
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/from=.*to=/);
        await expect(page.getByText(new RegExp(`^${counted} events?$`))).toBeVisible();
        await expect(rows(page)).toHaveCount(counted + 1);

        const [counts] = await Promise.all([page.waitForResponse(/\/api\/v1\/logs\/summary$/), page.goBack()]);
        await expect(page).toHaveURL(/\/logs$/);
        await expect(rows(page).nth(counted + 1)).toBeVisible();
        const { buckets: bars, bucket_seconds: length } = (await counts.json()).histogram as { buckets: { start: string }[]; bucket_seconds: number };
        await expect(slider).toHaveAttribute('aria-valuemax', String(bars.length - 1));
        // From the middle of one bar to the middle of another: both are in it whole, and no other.
        const [first, last] = [Math.floor(bars.length * 0.6), bars.length - 2];
        const box = (await slider.boundingBox())!;
        const middle = (bar: number) => box.x + (box.width * (bar + 0.5)) / bars.length;
        await page.mouse.move(middle(first), box.y + box.height / 2);
        await page.mouse.down();
        await page.mouse.move(middle(last), box.y + box.height / 2, { steps: 4 });
        await page.mouse.up();
        await expect(page).toHaveURL(/from=.*to=/);
        const drawn = new URL(page.url()).searchParams;
        const seconds = (text: string | null) => Date.parse(text ?? '') / 1_000;
        expect(seconds(drawn.get('from'))).toBe(seconds(bars[first]!.start));
        expect(seconds(drawn.get('to'))).toBe(seconds(bars[last]!.start) + length);
        await page.getByRole('button', { name: 'As a table' }).click();
        const table = page.getByRole('table', { name: 'Events over time' });
        await expect(table).toBeVisible();
        const told = await (await page.request.get(`/api/v1/logs/summary${new URL(page.url()).search}`)).json();
        await expect.poll(async () => (await table.locator('td').allTextContents()).reduce((sum, text) => sum + Number(text), 0)).toBe(told.total);
    });

    test('only this and not this', async ({ page }) => {
        await visit(page, 'reader', '/logs?category=data_access');
        await rows(page).nth(1).getByRole('button').first().press('Enter');
        const details = rows(page).nth(2);
        await details.getByRole('button', { name: /^Not this outcome: Success/ }).click();
        await expect(remove(page, 'Outcome: not Success')).toBeVisible();
        await expect(rows(page).filter({ hasText: 'Success' })).toHaveCount(0);
        await rows(page).nth(1).getByRole('button').first().press('Enter');
        await details.getByRole('button', { name: /^Only this grant: / }).click();
        await expect(page).toHaveURL(/grant_id=/);
        await expect(rows(page).nth(1)).toContainText('Refused');
        await rows(page).nth(1).getByRole('button').first().press('Enter');
        await details.getByText('As JSON').click();
        expect(JSON.parse((await details.locator('.c-logs__json pre').textContent()) ?? '')).toMatchObject({ outcome: 'refused', category: 'data_access' });
    });

    test('words are left out by a minus, by a press in an event, and by the name of an environment', async ({ page }) => {
        await visit(page, 'reader', '/logs');
        await expect(rows(page).nth(1)).toBeVisible();
        await line(page).fill('category:data_access -"select from" environment:payr');
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/environment_id=payr&not_q=select\+from$|environment_id=payr&not_q=select%20from$/);
        await expect(remove(page, 'Search: not select from')).toBeVisible();
        await expect(remove(page, 'Environment: payr')).toBeVisible();
        const told = await (await page.request.get('/api/v1/logs?limit=200&category=data_access&environment_id=env_payroll')).json();
        const without = told.items.filter((event: { details: { statement?: string } }) => {
            const words = JSON.stringify(event).toLowerCase().split(/[^a-z0-9_]+/);
            return !(words.includes('select') && words.includes('from'));
        });
        expect(without.length).toBeGreaterThan(0);
        expect(without.length).toBeLessThan(told.items.length);
        await expect(page.getByText(new RegExp(`^${without.length} events?$`))).toBeVisible();
        await expect(rows(page)).toHaveCount(without.length + 1);
        await page.goBack();
        await expect(line(page)).toHaveValue('');

        await page.goto('/logs?category=data_access');
        await rows(page).nth(1).getByRole('button').first().press('Enter');
        const details = rows(page).nth(2);
        const target = details.locator('.c-logs__fact', { hasText: 'Target' });
        await target.getByRole('button', { name: /^Not with these words search: / }).click();
        await expect(page).toHaveURL(/not_q=/);
        await expect(chips(page).getByRole('button', { name: /^Remove filter Search: not / })).toBeVisible();
        await expect(line(page)).toHaveValue(/^category:data_access -/);
        // "Only" of the same words is the opposite: it takes the other away.
        await page.goto('/logs?category=data_access');
        await rows(page).nth(1).getByRole('button').first().press('Enter');
        await target.getByRole('button', { name: /^Not with these words search: / }).click();
        await expect(page).toHaveURL(/not_q=/);
        await page.goBack();
        await expect(page).not.toHaveURL(/not_q=/);
        await target.getByRole('button', { name: /^Only with these words search: / }).click();
        await expect(page).toHaveURL(/[?&]q=/);
        await expect(page).not.toHaveURL(/not_q=/);
        await page.goto('/logs?q=payroll&not_q=nightly');
        await expect(remove(page, 'Search: payroll')).toBeVisible();
        await remove(page, 'Search: not nightly').click();
        await expect(page).toHaveURL(/\/logs\?q=payroll$/);
    });

    test('a link that nobody can read says what is wrong with it, and shows no other rows instead', async ({ page }) => {
        await visit(page, 'reader', '/logs?outcome=maybe&colour=blue&actor=eng-417');
        await expect(page.getByText("Part of this filter can't be read")).toBeVisible();
        await expect(rows(page)).toHaveCount(0);
        await expect(chips(page)).toContainText('Use one of success, failure and refused.');
        await chips(page).getByRole('button', { name: /^Remove filter outcome: maybe/ }).click();
        await chips(page).getByRole('button', { name: /^Remove filter colour: blue/ }).click();
        await expect(page).toHaveURL(/\/logs\?actor=eng-417$/);
        await expect(rows(page).nth(1)).toContainText('Engineer 417');
        await page.goto('/logs?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z');
        // A range the wrong way round is wrong at its end; taking that away leaves the rest.
        const end = chips(page).getByRole('button', { name: /^Remove filter to: 2026-11-21T00:00:00Z\. Lies before the beginning/ });
        await expect(end).toBeVisible();
        await expect(rows(page)).toHaveCount(0);
        await end.click();
        await expect(page).toHaveURL(/\/logs\?from=2026-11-22T00%3A00%3A00Z$/);
        await page.goto(`/logs?q=${'x'.repeat(201)}`);
        await expect(chips(page)).toContainText('The text to search for has at most 200 characters.');
    });

    test('nothing to complain about in any of its states', async ({ page }) => {
        test.slow();
        await visit(page, 'administrator', '/logs?category=data_access&outcome=maybe');
        await expect(chips(page)).toContainText('maybe');
        await expectAccessible(page);
        await page.goto('/logs');
        await expect(page.getByRole('slider', { name: 'Narrow the time' })).toBeVisible();
        await line(page).pressSequentially('actor:');
        await expect(page.getByRole('listbox', { name: 'What the line can become' })).toBeVisible();
        await expectAccessible(page);
        await page.keyboard.press('Enter');
        await expect(line(page)).toHaveAttribute('aria-invalid', 'true');
        await expectAccessible(page);
        await line(page).fill('');
        await page.getByRole('button', { name: 'Export' }).click();
        await expect(page.getByRole('dialog', { name: 'Export events' })).toBeVisible();
        await expectAccessible(page);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Views' }).click();
        await expect(page.getByRole('dialog', { name: 'Saved views' })).toBeVisible();
        await expectAccessible(page);
    });

    test('nothing to complain about between two times, right or wrong, light and dark', async ({ page }) => {
        await visit(page, 'reader', '/logs');
        await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption({ label: 'Between two times…' });
        const dialog = page.getByRole('dialog', { name: 'Between two times' });
        await expect(dialog.getByLabel('From')).toBeVisible();
        await expectAccessibleInBoth(page);
        await dialog.getByLabel('From').fill('2026-11-22T10:00');
        await dialog.getByLabel('To', { exact: true }).fill('2026-11-21T10:00');
        await dialog.getByRole('button', { name: 'Use this time' }).click();
        await expect(dialog).toContainText('The end has to lie after the beginning.');
        await expectAccessibleInBoth(page);
    });
});

test('the line of the contract finds what it says: people and events by how a word of their name begins', async ({ page, provider }) => {
    for (const ticket of ['payroll-7', 'payroll-8']) {
        const path = `/organizations/org_meridian/service-requests/${ticket}`;
        const put = await provider.call('PUT', path, { title: 'Deadlocks at night', description: 'Since Tuesday.', severity: 'moderate' });
        expect(put.status).toBe(201);
    }
    // Ana is the engineer of it herself, so her approval is refused, and that is in the log.
    const own = await provider.raise({
        service_request_id: 'payroll-7',
        engineer: { ...(exampleRequest().engineer as object), id: PEOPLE.administrator },
    });
    const other = await provider.raise({ service_request_id: 'payroll-8' });
    await signInByCall(page.request, 'administrator');
    for (const { id } of [own, other]) {
        const etag = (await page.request.get(`/api/v1/lockbox-requests/${id}`)).headers()['etag'] ?? '';
        await page.request.post(`/api/v1/lockbox-requests/${id}/approve`, {
            data: { justification: 'Fits the ticket.', access_minutes: 60 },
            headers: { ...OWN_CALL, 'If-Match': etag },
        });
    }
    await visit(page, 'reader', '/logs');
    await expect(rows(page).nth(1)).toBeVisible();
    await line(page).fill('actor:ana operation:"Approve Lockbox Request" -outcome:success after:now-7d payroll');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/actor=ana/);
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).nth(1)).toContainText('Ana Ruiz');
    await expect(rows(page).nth(1)).toContainText('payroll-7');
    await expect(rows(page).nth(1)).toContainText('Refused');
    // Each piece is a chip, the words too; without one of them there is more.
    for (const chip of ['Actor: ana', 'Event: Approve Lockbox Request', 'Outcome: not Success', 'Time: Last 7 days', 'Search: payroll']) {
        await expect(remove(page, chip)).toBeVisible();
    }
    await remove(page, 'Outcome: not Success').click();
    await expect(rows(page)).toHaveCount(3);
    await remove(page, 'Search: payroll').press('Delete');
    await expect(line(page)).toHaveValue('operation:"Approve Lockbox Request" actor:ana after:now-7d');
    await line(page).fill('actor:ana operation:approve -outcome:success');
    await page.keyboard.press('Enter');
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).nth(1)).toContainText('payroll-7');
});

test('a second value of a field can be added: what else there is of it is offered, with counts', async ({ page }) => {
    await visit(page, 'reader', '/logs?actor=eng-417');
    await expect(rows(page).nth(1)).toBeVisible();
    const told = await (await page.request.get('/api/v1/logs/summary?actor=eng-417')).json();
    const other = told.actors.items.find((one: { value: string }) => one.value !== 'eng-417');
    await page.getByRole('button', { name: 'Add filter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add filter' });
    await dialog.getByRole('combobox', { name: 'Filter by' }).fill(other.label);
    const option = dialog.getByRole('option', { name: `Actor: ${other.label}` }).first();
    await expect(option).toContainText(other.count.toLocaleString('en'));
    await expectAccessible(page);
    await option.click();
    await expect(page).toHaveURL(/actor=eng-417&actor=/);
    await expect(remove(page, `Actor: ${other.label}`)).toBeVisible();
});

test('counts that were cut short say so, also in the bars', async ({ page }) => {
    await signInByCall(page.request, 'reader');
    // What a log of millions answers for a frequent word.
    await page.route('**/api/v1/logs/summary?*', async (route) => {
        const answer = await route.fetch();
        const told = await answer.json();
        const bars = told.histogram.buckets;
        const middle = Math.floor(bars.length / 2);
        for (const bar of bars.slice(0, middle)) Object.assign(bar, { success: 0, failure: 0, refused: 0 });
        const half = new Date(Date.parse(bars[middle].start) + told.histogram.bucket_seconds * 500).toISOString();
        told.actors.items[0].count = 1_204;
        await route.fulfill({ json: { ...told, exact: false, counted_from: half, actors: { ...told.actors, exact: false } } });
    });
    await page.goto('/logs?not_actor=nobody');
    await expect(page.getByText(/^At least [\d,]+ events; counted back to \d+ \w+ \d{4}, \d\d:\d\d \S+$/)).toBeVisible();
    await line(page).fill('');
    await line(page).pressSequentially('actor:');
    await expect(page.getByRole('listbox', { name: 'What the line can become' }).getByRole('option').first()).toContainText('1,204+');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'As a table' }).click();
    const table = page.getByRole('table', { name: 'Events over time' });
    await expect(table.getByRole('row').nth(1).getByRole('cell').first()).toHaveText('not counted');
    await expect(table.getByRole('rowheader', { name: /counted in part$/ })).toHaveCount(1);
    await expect(table.getByRole('row').last().getByRole('cell').first()).toHaveText(/^\d+$/);
    await expect(table.getByRole('rowheader').first()).toHaveText(/^\d+ \w+ \d{4}, \d\d:\d\d \S+$/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'As a table' }).click();
    const slider = page.getByRole('slider', { name: 'Narrow the time' });
    await slider.focus();
    await page.keyboard.press('Home');
    await expect(slider).toHaveAttribute('aria-valuetext', /\d{4}, \d\d:\d\d \S+ until .*: not counted$/);
});

test('from an open event: its words, its actor, and what happened around it', async ({ page, provider }) => {
    const raised = await provider.raise({ exclusion: { kind: 'emergency', reason: 'The service is down.' } });
    await provider.call('POST', `/grants/${raised.access.grant_id}/actions`, {
        actions: [{
            id: 'a-1', time: new Date().toISOString(), engineer_id: 'eng-417', operation: 'ExecuteSqlViaLockbox',
            target: 'payroll.dbo.Zebra', statement: 'SELECT zebra FROM payroll.dbo.Zebra WHERE id = 7', rows: 1, outcome: 'success',
        }],
    });
    await visit(page, 'reader', `/logs?request_id=${raised.id}&category=data_access`);
    const details = rows(page).nth(2);
    const open = () => rows(page).nth(1).getByRole('button').first().press('Enter');
    await open();
    // The name that requests use beside the one on the wire.
    await expect(details).toContainText('ExecuteSqlViaLockbox');
    await expect(details.locator('dt').filter({ hasText: 'In words' })).toHaveCount(1);
    await details.getByRole('button', { name: 'Around this time:' }).click();
    await expect(page).toHaveURL(/from=.*to=/);
    await expect(remove(page, 'Time: ')).toHaveAccessibleName(/\d{4}, \d\d:\d\d \S+ to \d+ \w+ \d{4}/);
    await expect(rows(page)).toHaveCount(2);
    await open();
    await details.getByRole('button', { name: 'Only with these words search: payroll.dbo.Zebra', exact: true }).click();
    await expect(remove(page, 'Search: payroll.dbo.Zebra')).toBeVisible();
    await expect(rows(page)).toHaveCount(2);
    await open();
    await details.getByRole('button', { name: /^Only with these words search: SELECT zebra/ }).click();
    await expect(line(page)).toHaveValue(/SELECT zebra FROM payroll\.dbo\.Zebra WHERE id = 7|SELECT zebra FROM payroll\.dbo\.Zebra WHERE id 7/);
    await expect(rows(page)).toHaveCount(2);
    await open();
    await details.getByRole('button', { name: /^Only this actor: / }).click();
    await expect(page).toHaveURL(/actor=eng-417/);
});

test('the exact time of a row shows beside the event that has the focus', async ({ page }) => {
    await visit(page, 'reader', '/logs');
    await expect(rows(page).nth(1)).toBeVisible();
    await page.keyboard.press('j');
    await expect(rows(page).nth(1).getByRole('button').first()).toBeFocused();
    const shown = (at: number) => rows(page).nth(at).locator('time').evaluate((time) => getComputedStyle(time, '::after').content);
    await expect.poll(() => shown(1)).toMatch(/\d{4}.*UTC/);
    await expect.poll(() => shown(2)).toBe('none');
    // Above the head of the table, which stays where it is while the rows go below it.
    const [time, head] = await Promise.all([
        rows(page).nth(1).locator('time').evaluate((time) => Number(getComputedStyle(time).zIndex)),
        rows(page).nth(0).getByRole('columnheader').first().evaluate((head) => Number(getComputedStyle(head).zIndex)),
    ]);
    expect(time).toBeGreaterThan(head);
    // A row that was pressed has no more than its row: what it opened says the time.
    await rows(page).nth(2).getByRole('button').first().click();
    await page.mouse.move(0, 0);
    await expect.poll(() => shown(2)).toBe('none');
});
