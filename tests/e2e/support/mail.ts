import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

import { freePort, pause } from './server.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'mail_server.py');
/** Made up for one run on loopback; nothing else knows them. */
const USER = 'lockbox';
const PASSWORD = 'only-for-tests';

/** A mail as it arrived. */
export interface Mail {
    from: string;
    to: string[];
    subject: string;
    message_id: string;
    headers: [string, string][];
    text: string;
    html: string;
}

/** A real SMTP server that wants STARTTLS and a password, with a certificate authority of its own. */
export class MailServer {
    private child: ChildProcessByStdio<Writable, Readable, null> | undefined;
    private readonly read = new Map<string, Mail>();

    private constructor(
        private readonly folder: string,
        private readonly port: number,
    ) {}

    static async start(): Promise<MailServer> {
        const server = new MailServer(await mkdtemp(join(tmpdir(), 'lockbox-mail-')), await freePort());
        await server.makeCertificates();
        await server.resume();
        return server;
    }

    /** What `lockbox serve` must be told to send here. */
    environment(): Record<string, string> {
        return {
            LOCKBOX_SMTP_HOST: 'localhost',
            LOCKBOX_SMTP_PORT: String(this.port),
            LOCKBOX_SMTP_USER: USER,
            LOCKBOX_SMTP_PASSWORD: PASSWORD,
            LOCKBOX_SMTP_TLS: 'starttls',
            LOCKBOX_SMTP_CA_FILE: join(this.folder, 'ca.pem'),
            LOCKBOX_MAIL_FROM: 'Lockbox <lockbox@provider.example>',
        };
    }

    /** Starts, or starts again after `stop`, on the same port. */
    async resume(): Promise<void> {
        const python = process.env.LOCKBOX_TEST_PYTHON ?? 'python3';
        const file = (name: string) => join(this.folder, name);
        const args = ['--port', String(this.port), '--maildir', file('maildir'), '--hold', file('hold'), '--cert', file('server.pem')];
        args.push('--key', file('server.key'), '--user', USER, '--password', PASSWORD);
        const child = spawn(python, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.child = child;
        const ended = once(child, 'exit').then(() => {
            throw new Error('the mail server did not start: `cargo xtask test` installs what it needs');
        });
        await Promise.race([once(child.stdout, 'data'), ended]);
        ended.catch(() => {});
    }

    /** Takes it down, as when the network or the mail server is out; mail that arrived stays. */
    async stop(): Promise<void> {
        const child = this.child;
        this.child = undefined;
        if (!child || child.exitCode !== null) return;
        const ended = once(child, 'exit');
        child.stdin.end();
        await ended;
    }

    /** From now on mail is taken in, and who sent it is not told so until `answerAgain`. */
    async holdAnswers(): Promise<void> {
        await writeFile(join(this.folder, 'hold'), '');
    }

    /** The ids of the mails whose sender was not told. */
    async held(): Promise<string[]> {
        const list = await readFile(join(this.folder, 'hold-list'), 'utf8').catch(() => '');
        return list.split('\n').filter((line) => line !== '');
    }

    async answerAgain(): Promise<void> {
        await rm(join(this.folder, 'hold'), { force: true });
    }

    async dispose(): Promise<void> {
        await this.answerAgain();
        await this.stop();
        await rm(this.folder, { recursive: true, force: true });
    }

    /** Every mail so far, in order of arrival. */
    async mails(): Promise<Mail[]> {
        const folder = join(this.folder, 'maildir', 'new');
        const names = await readdir(folder).catch(() => [] as string[]);
        for (const name of names.sort()) {
            if (!this.read.has(name)) this.read.set(name, await readMail(join(folder, name)));
        }
        return [...this.read.values()];
    }

    /** The first mail that fits, waiting for it. */
    async waitFor(fits: (mail: Mail) => boolean, timeoutMs = 15_000): Promise<Mail> {
        const until = Date.now() + timeoutMs;
        for (;;) {
            const mails = await this.mails();
            const found = mails.find(fits);
            if (found) return found;
            if (Date.now() > until) {
                const seen = mails.map((mail) => `${mail.to.join(', ')}: ${mail.subject}`).join('\n') || 'none';
                throw new Error(`no such mail within ${timeoutMs} ms; there is:\n${seen}`);
            }
            await pause(50);
        }
    }

    /** An authority and a certificate for localhost. Clients that check properly refuse one that is both. */
    private async makeCertificates(): Promise<void> {
        await writeFile(
            join(this.folder, 'server.ext'),
            'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n',
        );
        const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
        const openssl = (...args: string[]) => run('openssl', args, { cwd: this.folder });
        await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Lockbox tests');
        await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
        await openssl(
            ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '2'],
            ...['-days', '2', '-extfile', 'server.ext', '-out', 'server.pem'],
        );
    }
}

/** Reads a mail file, such as the `.eml` files that the demo writes. */
export async function readMail(path: string): Promise<Mail> {
    const python = process.env.LOCKBOX_TEST_PYTHON ?? 'python3';
    const { stdout } = await run(python, [SCRIPT, '--read', path]);
    return JSON.parse(stdout) as Mail;
}

/** The one link of a mail that leads to a request. */
export function requestLink(mail: Mail): string {
    const links = mail.text.match(/https?:\/\/\S+\/requests\/lbx_[0-9A-Za-z]+/g) ?? [];
    const [link, ...more] = new Set(links);
    if (link === undefined || more.length > 0) throw new Error(`expected one link to a request in:\n${mail.text}`);
    return link;
}
