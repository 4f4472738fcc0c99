import type { APIRequestContext, Locator, Page } from '@playwright/test';

import { type Person, signInByCall } from './people.ts';

/** A place of the portal as a test comes to it. */
export interface Place {
    /** Its name in the test's title and in file names */
    name: string;
    /** Who looks; nobody for what one sees before signing in */
    person: Person | null;
    /** Everybody may read it, signed in or not */
    open?: boolean;
    /** Its address, for which ids may have to be looked up */
    path: (request: APIRequestContext) => Promise<string>;
    /** Something that stands there once its data has come, and not before */
    ready: { role: 'table' | 'textbox' | 'heading' | 'button' | 'switch' | 'searchbox' | 'list'; name: string | RegExp } | { text: string };
}

const fixed = (path: string) => async () => path;

/** The first request that the customer sees of a ticket. */
async function requestOf(request: APIRequestContext, ticket: string): Promise<string> {
    const page = await request.get(`/api/v1/lockbox-requests?view=all&service_request_id=${ticket}`);
    const { items } = (await page.json()) as { items: { id: string }[] };
    return `/requests/${items[0]?.id}`;
}

/** The first request that waits inside the provider. */
async function firstInside(request: APIRequestContext): Promise<string> {
    const page = await request.get('/api/v1/internal-approvals');
    const { items } = (await page.json()) as { items: { id: string }[] };
    return `/internal-approvals/${items[0]?.id}`;
}

/** Every route, and pages of one route that look different. */
export const PLACES: Place[] = [
    { name: 'sign-in', person: null, path: fixed('/sign-in'), ready: { role: 'textbox', name: 'E-mail' } },
    { name: 'overview', person: 'administrator', path: fixed('/'), ready: { role: 'heading', name: /^Protected \(/ } },
    { name: 'requests', person: 'approver', path: fixed('/requests'), ready: { role: 'table', name: 'Requests' } },
    { name: 'requests-all', person: 'approver', path: fixed('/requests?view=all'), ready: { role: 'table', name: 'Requests' } },
    {
        name: 'decision', person: 'approver', path: (request) => requestOf(request, '2611210050001234'),
        ready: { role: 'textbox', name: 'Justification' },
    },
    {
        name: 'access-open', person: 'approver', path: (request) => requestOf(request, '2611210010009912'),
        ready: { role: 'button', name: 'End access' },
    },
    {
        name: 'request-over', person: 'reader', path: (request) => requestOf(request, '2611070040009001'),
        ready: { role: 'list', name: 'What happened' },
    },
    {
        name: 'without-request', person: 'approver', path: (request) => requestOf(request, '2611120050008890'),
        ready: { role: 'textbox', name: 'Comment' },
    },
    {
        name: 'access-without-request', person: 'approver', path: fixed('/access-without-request'),
        ready: { role: 'table', name: 'Access without a request' },
    },
    {
        name: 'with-provider', person: 'approver', path: (request) => requestOf(request, '2611220050000417'),
        ready: { role: 'list', name: 'What happened' },
    },
    { name: 'internal-approvals', person: 'lead', path: fixed('/internal-approvals'), ready: { role: 'table', name: 'Internal approvals' } },
    {
        name: 'internal-approval', person: 'lead', path: firstInside,
        ready: { role: 'textbox', name: 'Justification' },
    },
    { name: 'support-requests', person: 'administrator', path: fixed('/service-requests'), ready: { role: 'table', name: 'Support requests' } },
    {
        name: 'support-request', person: 'administrator', path: fixed('/service-requests/2611210050001234'),
        ready: { role: 'textbox', name: 'Message' },
    },
    { name: 'logs', person: 'administrator', path: fixed('/logs'), ready: { role: 'table', name: 'Events' } },
    { name: 'history', person: 'reader', path: fixed('/history'), ready: { role: 'button', name: 'Download CSV' } },
    { name: 'administration', person: 'administrator', path: fixed('/administration'), ready: { role: 'switch', name: 'Lockbox' } },
    {
        name: 'administration-notifications', person: 'administrator', path: fixed('/administration?tab=notifications'),
        ready: { role: 'table', name: 'Told because of their role' },
    },
    { name: 'administration-members', person: 'administrator', path: fixed('/administration?tab=members'), ready: { role: 'table', name: 'Members' } },
    {
        name: 'administration-tokens', person: 'administrator', path: fixed('/administration?tab=tokens'),
        ready: { text: 'No token' },
    },
    {
        name: 'administration-versions', person: 'reader', path: fixed('/administration?tab=versions'),
        ready: { role: 'table', name: 'Versions of the Lockbox setting' },
    },
    { name: 'api-reference', person: null, path: fixed('/api-reference'), ready: { role: 'heading', name: 'Lockbox requests' } },
    {
        name: 'api-reference-call', person: 'administrator', open: true, path: fixed('/api-reference?api=provider&operation=raise_access_request'),
        ready: { role: 'table', name: 'Body, raise_access_request' },
    },
    { name: 'demo-mail', person: null, path: fixed('/demo/mail'), ready: { role: 'heading', name: /Action needed/ } },
    { name: 'not-found', person: 'reader', path: fixed('/no/such/page'), ready: { text: 'There is nothing at this address' } },
];

/** Signs in whoever looks at the place, and gives its address. */
export async function come(request: APIRequestContext, place: Place): Promise<string> {
    if (place.person) await signInByCall(request, place.person);
    return place.path(request);
}

/** What stands at the place once its data has come. */
export function landmark(page: Page, { ready }: Place): Locator {
    const found = 'text' in ready ? page.getByText(ready.text, { exact: true }) : page.getByRole(ready.role, { name: ready.name });
    return found.first();
}
