// Lockbox from TypeScript, with node's own fetch and no packages: raise a request, wait for the customer, ask before
// acting, report, give the access back. Node 22.18 and newer run it as it is; for an older one compile it with tsc first.
//
//   LOCKBOX_URL=http://localhost:8080 LOCKBOX_KEY=lbk_demo_provider node examples/lockbox.mts examples/request.json

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** The parts of the provider API's answers that are used here; openapi/lockbox-provider-v1.json has all of them. */
interface AccessRequest {
    id: string;
    status: string;
    access: { state: string; grant_id: string | null; end_reason: string | null };
    decision: { justification: string } | null;
}
interface Wanted {
    environment_id: string;
    engineer: { id: string };
    operations: string[];
}
interface Reported {
    results: { id: string; result: string; detail?: string }[];
}

/** Lockbox said no: `problem` is the problem+json with its type, detail, field errors and the id of the exchange. */
class Refused extends Error {
    readonly status: number;
    readonly problem: { type?: string; detail?: string; instance?: string };

    constructor(status: number, problem: Refused['problem']) {
        super(`${status} ${problem.detail ?? ''} (${problem.instance ?? ''})`);
        this.status = status;
        this.problem = problem;
    }
}

/** The provider API of one Lockbox. */
class Lockbox {
    readonly #url: string;
    readonly #key: string;

    constructor(url: string, key: string) {
        this.#url = `${url.replace(/\/+$/, '')}/provider/v1`;
        this.#key = key;
    }

    /** Raises a request. The same key gives the same request for 24 hours. */
    raise(request: Wanted, key: string): Promise<AccessRequest> {
        return this.#call('POST', '/access-requests', request, { headers: { 'Idempotency-Key': key } });
    }

    /** Waits until nobody is asked any more: each call is held for 50 seconds or until something changes. */
    async wait(id: string): Promise<AccessRequest> {
        for (;;) {
            const path = `/access-requests/${encodeURIComponent(id)}?wait=50`;
            const request = await this.#call<AccessRequest>('GET', path, undefined, { hold: 50 });
            if (!['customer_notified', 'awaiting_internal_approval'].includes(request.status)) return request;
        }
    }

    /** May this be done now? No answer means no: an error is thrown before anything is done. */
    async allowed(grant: string, question: Record<string, string>): Promise<boolean> {
        return (await this.#call<{ allowed: boolean }>('POST', `/grants/${grant}/check`, question)).allowed;
    }

    /** Reports actions. Each has an id of ours: sent again it is a duplicate, not a second action. */
    report(grant: string, actions: Record<string, unknown>[]): Promise<Reported> {
        return this.#call('POST', `/grants/${grant}/actions`, { actions });
    }

    /** Gives the access back. Sent once: whether a call that broke off was done can be read with GET. */
    complete(id: string, engineer: string, note: string): Promise<AccessRequest> {
        const body = { engineer_id: engineer, note };
        return this.#call('POST', `/access-requests/${encodeURIComponent(id)}/complete`, body, { again: false });
    }

    /** One call. `again`: saying it twice does it once, so that a broken connection is no reason to give up. */
    async #call<T>(
        method: string,
        path: string,
        body?: unknown,
        { headers = {}, hold = 0, again = true }: { headers?: Record<string, string>; hold?: number; again?: boolean } = {},
    ): Promise<T> {
        for (let attempt = 0; ; attempt++) {
            const last = !again || attempt === 3;
            try {
                const answer = await fetch(this.#url + path, {
                    method,
                    headers: { Authorization: `Bearer ${this.#key}`, 'Content-Type': 'application/json', ...headers },
                    body: body === undefined ? null : JSON.stringify(body),
                    // The key goes to Lockbox and nowhere else.
                    redirect: 'error',
                    signal: AbortSignal.timeout((30 + hold) * 1000),
                });
                if (answer.ok) return (await answer.json()) as T;
                if (last || ![429, 502, 503, 504].includes(answer.status)) {
                    const isProblem = answer.headers.get('content-type')?.includes('problem+json');
                    throw new Refused(answer.status, isProblem ? ((await answer.json()) as Refused['problem']) : {});
                }
            } catch (error) {
                if (error instanceof Refused || last) throw error;
            }
            await sleep(500 * 2 ** attempt);
        }
    }
}

const [file] = process.argv.slice(2);
const { LOCKBOX_URL, LOCKBOX_KEY, IDEMPOTENCY_KEY } = process.env;
if (!file || !LOCKBOX_URL || !LOCKBOX_KEY) throw new Error('give a file with a request, LOCKBOX_URL and LOCKBOX_KEY');
const wanted = JSON.parse(await readFile(file, 'utf8')) as Wanted;
const lockbox = new Lockbox(LOCKBOX_URL, LOCKBOX_KEY);
const what = { engineer_id: wanted.engineer.id, operation: wanted.operations[0] ?? '', target: 'payroll.dbo.Pay' };

const raised = await lockbox.raise(wanted, IDEMPOTENCY_KEY ?? randomUUID());
console.log('raised', raised.id);

const answered = await lockbox.wait(raised.id);
const { state, grant_id: grant, end_reason: why } = answered.access;
if (!['none', 'active'].includes(state)) {
    // It was open: completed, lapsed or revoked.
    console.error('access has ended:', state, why ?? '');
    process.exitCode = 15;
} else if (grant === null) {
    console.error('no access:', answered.status, answered.decision?.justification ?? '');
    process.exitCode = 10;
} else if (!(await lockbox.allowed(grant, { ...what, environment_id: wanted.environment_id }))) {
    console.error('not allowed');
    process.exitCode = 1;
} else {
    console.log('granted', grant);

    // … here the work is done …

    const statement = 'SELECT blocked_by FROM sys.dm_exec_requests';
    const action = { id: randomUUID(), time: new Date().toISOString(), ...what, statement, rows: 3, outcome: 'success' };
    for (const { id, result } of (await lockbox.report(grant, [action])).results) console.log(result, id);

    await lockbox.complete(raised.id, what.engineer_id, 'Index added.');
    console.log('completed', raised.id);
}
