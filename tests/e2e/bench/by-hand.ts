/** An event, as the server sends it and as far as a row shows it. */
export interface Row {
    id: string;
    sequence: number;
    time: string;
    operation: string;
    friendly_name: string | null;
    actor: { name: string };
    environment_id: string | null;
    service_request_id: string | null;
    outcome: string;
    details: { target?: string };
}

/** What the pages of the measurement can be told. */
export interface Table {
    /** Shows what the server answers for an address in the place of what is shown. */
    show: (path: string) => void;
    /** The most rows that are put into the page; only the table by hand has it. */
    most?: number;
}

/** Rows differ by their outcome and by whether they name a target; `templates` has one of each, as the portal makes them. */
export const kind = (row: Row): string => `${row.outcome} ${row.details.target === undefined ? 'without' : 'with'} target`;

/**
 * The table of events as one would write it for the sake of speed: rows are copies of a template, whose texts are filled
 * in, and one listener serves all of them. It runs in the page, where nothing from outside is known.
 */
export function byHand({ templates, now, tail }: { templates: Record<string, string>; now: number; tail: string }): void {
    const body = document.querySelector('table.c-logs > tbody');
    if (!(body instanceof HTMLTableSectionElement)) throw new Error('no table');
    const made = new Map<string, HTMLTableRowElement>();
    for (const [name, html] of Object.entries(templates)) {
        body.innerHTML = html;
        made.set(name, body.rows[0] as HTMLTableRowElement);
    }
    body.replaceChildren();
    const options: Intl.DateTimeFormatOptions = {
        day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
    };
    const [local, utc] = [new Intl.DateTimeFormat('en-GB', options), new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })];
    const ago = (at: number) => {
        const seconds = Math.max(0, Math.floor((now - at) / 1_000));
        if (seconds <= 10) return 'just now';
        if (seconds < 60) return `${seconds} s ago`;
        if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
        return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
    };
    const rowOf = (event: Row, index: number) => {
        const target = event.details.target;
        const template = made.get(`${event.outcome} ${target === undefined ? 'without' : 'with'} target`);
        if (!template) throw new Error(`no template for ${event.outcome}`);
        const row = template.cloneNode(true) as HTMLTableRowElement;
        row.setAttribute('aria-rowindex', String(index + 2));
        row.dataset.sequence = String(event.sequence);
        const [when, what, who, place, ticket] = row.cells as unknown as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];
        const time = when.firstElementChild as HTMLTimeElement;
        const at = new Date(event.time);
        time.dateTime = `${event.time.slice(0, 19)}Z`;
        time.dataset.absolute = `${local.format(at)}\n${utc.format(at)}`;
        time.textContent = ago(at.getTime());
        const button = what.firstElementChild as HTMLElement;
        (button.firstChild as Text).data = event.friendly_name ?? event.operation;
        if (target !== undefined) (button.lastElementChild as HTMLElement).textContent = target;
        (who.firstElementChild as HTMLElement).textContent = event.actor.name;
        (place.firstElementChild as HTMLElement).textContent = event.environment_id ?? '';
        (ticket.firstElementChild as HTMLElement).textContent = event.service_request_id ?? '';
        return row;
    };
    let shown: Row[] = [];
    const show = async (path: string) => {
        const answer = await fetch(path.replace('/logs', '/api/v1/logs') + tail);
        const all = ((await answer.json()) as { items: Row[] }).items;
        const items = all.slice(0, table.most);
        const moved = items.flatMap((event, index) => (shown[index]?.id === event.id ? [] : [index]));
        const [first, second] = moved;
        if (first !== undefined && second !== undefined && moved.length === 2 && shown.length === items.length) {
            const [one, other] = [body.rows[first], body.rows[second]];
            const after = other?.nextSibling ?? null;
            if (one && other) {
                one.before(other);
                body.insertBefore(one, after);
            }
        } else {
            const fragment = document.createDocumentFragment();
            for (const [index, event] of items.entries()) fragment.append(rowOf(event, index));
            body.replaceChildren(fragment);
        }
        shown = items;
    };
    document.addEventListener('keydown', (event) => {
        if (event.key !== 'j') return;
        const row = (document.activeElement?.closest('tr') as HTMLTableRowElement | null) ?? null;
        const next = row?.nextElementSibling ?? body.rows[0];
        next?.querySelector('button')?.focus();
        event.preventDefault();
    });
    const table: Table = { show: (path) => void show(path) };
    (window as unknown as { table: Table }).table = table;
}
