import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the server is started. */
export interface ServerOptions {
    /** With the demo's organisations, people and requests (the default), or empty. */
    demo?: boolean;
    /** Further environment variables, such as those of a mail server. */
    env?: Record<string, string>;
    /** Further arguments of `lockbox serve`. */
    args?: string[];
}

/** How long a server may take until it is ready. */
const READY_MS = 20_000;

/** What a server says whose port somebody else took after it was found free. */
const TAKEN = 'Address already in use';
/** So many ports are tried. */
const PORTS = 3;

/** The real binary on a port and a data folder of its own. */
export class Server {
    private child: ChildProcess | undefined;
    private output = '';

    private constructor(
        /** `http://127.0.0.1:PORT`; stays the same over a restart. */
        readonly url: string,
        /** Where it keeps everything; removed by `dispose`. */
        readonly dataDir: string,
        private readonly options: ServerOptions,
    ) {}

    /** Starts on a free port with a new data folder and waits until `/readyz` says yes. */
    static async start(options: ServerOptions = {}): Promise<Server> {
        for (let tries = 1; ; tries += 1) {
            const dataDir = await mkdtemp(join(tmpdir(), 'lockbox-e2e-'));
            const server = new Server(`http://127.0.0.1:${await freePort()}`, dataDir, options);
            try {
                await server.resume();
                return server;
            } catch (error) {
                await server.dispose();
                if (tries === PORTS || !server.log().includes(TAKEN)) throw error;
            }
        }
    }

    /** Starts again, on the same port and data folder, after `stop` or `kill`. */
    async resume(): Promise<void> {
        const binary = process.env.LOCKBOX_BIN;
        if (!binary) throw new Error('LOCKBOX_BIN must name the server binary; `cargo xtask test` sets it');
        const args = ['serve', '--listen', new URL(this.url).host, '--public-url', this.url, '--data-dir', this.dataDir];
        if (this.options.demo ?? true) args.push('--demo');
        // For work on the portal: a binary without a portal in it, or a portal newer than the binary's.
        const portal = process.env.LOCKBOX_TEST_PORTAL;
        if (portal) args.push('--portal-dir', portal);
        const begun = this.output.length;
        const child = spawn(binary, [...args, ...(this.options.args ?? [])], {
            env: { ...ownEnvironment(), ...this.options.env },
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.child = child;
        const keep = (chunk: Buffer) => {
            this.output += chunk.toString();
        };
        child.stdout.on('data', keep);
        child.stderr.on('data', keep);
        child.on('error', (error) => {
            this.output += `could not start: ${error.message}\n`;
        });
        const until = Date.now() + READY_MS;
        // An answer alone may be that of another server, which was first at this port.
        while (!this.output.includes('listening on ', begun) || !(await answers(`${this.url}/readyz`))) {
            if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended:\n${this.log()}`);
            if (Date.now() > until) throw new Error(`the server was not ready within ${READY_MS} ms:\n${this.log()}`);
            await pause(25);
        }
    }

    /** Asks it to stop, as Ctrl-C does, and waits until it has. */
    async stop(): Promise<void> {
        await this.end('SIGTERM');
    }

    /** Ends it at this instant, as a power cut does. */
    async kill(): Promise<void> {
        await this.end('SIGKILL');
    }

    /** Stops it and removes its data. */
    async dispose(): Promise<void> {
        await this.stop();
        await rm(this.dataDir, { recursive: true, force: true });
    }

    /** Everything it has printed. */
    log(): string {
        return this.output;
    }

    private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
        const child = this.child;
        this.child = undefined;
        if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill(signal);
        const stuck = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(stuck);
    }
}

/** Ours without settings that somebody happens to have in their shell. */
function ownEnvironment(): Record<string, string> {
    const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('LOCKBOX_'));
    return Object.fromEntries(entries) as Record<string, string>;
}

async function answers(url: string): Promise<boolean> {
    try {
        return (await fetch(url)).ok;
    } catch {
        return false;
    }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    probe.close();
    await once(probe, 'close');
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
}

/** Waits, for polls of something outside the page. */
export function pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
}
