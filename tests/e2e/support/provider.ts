import { randomUUID } from 'node:crypto';

/** The key that `lockbox serve --demo` makes and prints. */
export const DEMO_PROVIDER_KEY = 'lbk_demo_provider';

/** The part of an access request that tests read; the wire has more. */
export interface AccessRequest {
    id: string;
    status: string;
    status_reason: string | null;
    decide_by: string | null;
    url: string;
    version: number;
    access: { state: string; grant_id: string | null; expires_at: string | null; end_reason: string | null };
    decision?: { outcome: string; justification: string } | null;
}

/** An answer with its status, for the calls that are meant to be refused. */
export interface Answer<T> {
    status: number;
    body: T;
}

/** The provider's JIT service, as far as tests play it. */
export class Provider {
    constructor(
        private readonly baseURL: string,
        private readonly key: string = DEMO_PROVIDER_KEY,
    ) {}

    /** Raises an access request that a person must decide. `changes` replaces fields of the default one. */
    async raise(changes: Record<string, unknown> = {}, idempotencyKey: string = randomUUID()): Promise<AccessRequest> {
        const answer = await this.call<AccessRequest>('POST', '/access-requests', { ...exampleRequest(), ...changes }, {
            'Idempotency-Key': idempotencyKey,
        });
        if (answer.status !== 201) throw new Error(`raising a request: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body;
    }

    /** The request as it is now. */
    async read(id: string): Promise<AccessRequest> {
        return (await this.call<AccessRequest>('GET', `/access-requests/${id}`)).body;
    }

    /** May this engineer do this now? */
    async check(grantId: string, changes: Record<string, unknown> = {}): Promise<{ allowed: boolean; until?: string; reason?: string }> {
        const question = {
            engineer_id: 'eng-417',
            environment_id: 'env_payroll',
            operation: 'ExecuteSqlViaLockbox',
            target: 'payroll.dbo.Pay',
        };
        const answer = await this.call<{ allowed: boolean; until?: string; reason?: string }>(
            'POST',
            `/grants/${grantId}/check`,
            { ...question, ...changes },
        );
        if (answer.status !== 200) throw new Error(`checking a grant: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body;
    }

    /** Any call, refused or not. */
    async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
        const response = await fetch(`${this.baseURL}/provider/v1${path}`, {
            method,
            headers: {
                Authorization: `Bearer ${this.key}`,
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
    }
}

/** A request for the demo's protected payroll database. */
export function exampleRequest(): Record<string, unknown> {
    return {
        organization_id: 'org_meridian',
        environment_id: 'env_payroll',
        service_request_id: '2611210050001234',
        engineer: {
            id: 'eng-417',
            name: 'Engineer 417',
            team: 'Database support',
            jit_role: 'support_engineer',
            isolated_identity: true,
            mfa: true,
            location: { office_country: 'IE', physical_country: 'IE' },
        },
        operations: ['ExecuteSqlViaLockbox'],
        data_stores: ['sql'],
        targets: ['payroll.dbo.*'],
        permission_level: 'read',
        direct_data_access: true,
        reason_code: 'customer_initiated_support',
        justification: 'Deadlocks in the nightly run; need the blocked statements.',
        access_minutes: 240,
    };
}
