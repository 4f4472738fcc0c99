import { once } from 'node:events';
import { createServer, request as ask, type Server as HttpServer, type ServerResponse } from 'node:http';

/** A way to the server that breaks: of an answer to a path, it lets some bytes through, and ends the connection when told. */
export class Cutting {
    /** `http://127.0.0.1:PORT`; leads to the server. */
    url = '';
    /** What was asked for below the path, oldest first. */
    readonly asked: URLSearchParams[] = [];
    private readonly proxy: HttpServer;
    private limits: (number | string)[] = [];
    private held: ServerResponse[] = [];

    private constructor(target: string, path: string) {
        this.proxy = createServer((incoming, outgoing) => {
            const headers = { ...incoming.headers };
            const watched = incoming.url?.startsWith(path) ? new URL(incoming.url, target).searchParams : undefined;
            if (watched) {
                this.asked.push(watched);
                // Plain bytes: what comes of a packed answer that breaks is another question.
                delete headers['accept-encoding'];
            }
            const onward = ask(`${target}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
                const limit = watched ? this.limits.shift() : undefined;
                outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
                if (limit === undefined) {
                    answer.pipe(outgoing);
                    return;
                }
                let left = typeof limit === 'number' ? limit : 0;
                answer.on('error', () => undefined);
                this.held.push(outgoing);
                if (typeof limit === 'string') outgoing.write(limit);
                answer.on('data', (chunk: Buffer) => {
                    if (left > 0) outgoing.write(chunk.subarray(0, left));
                    left -= chunk.length;
                });
            });
            onward.on('error', () => outgoing.destroy());
            outgoing.on('close', () => onward.destroy());
            incoming.pipe(onward);
        });
    }

    static async start(target: string, path: string): Promise<Cutting> {
        const cutting = new Cutting(target, path);
        cutting.proxy.listen(0, '127.0.0.1');
        await once(cutting.proxy, 'listening');
        const address = cutting.proxy.address();
        if (address === null || typeof address === 'string') throw new Error('no port');
        cutting.url = `http://127.0.0.1:${address.port}`;
        return cutting;
    }

    /** Of the next answers, only so many bytes come through, one number for each; in place of one that is a text, that text does. */
    after(...limits: (number | string)[]): void {
        this.limits = limits;
    }

    /** Ends the connections that are held at their limit, in the middle of their answer. */
    cut(): void {
        // What was written before still arrives; what is missing is the end that says that it was all.
        for (const outgoing of this.held.splice(0)) outgoing.socket?.end();
    }

    /** Ends them as if all had been sent, as a proxy may that knows no lengths. */
    end(): void {
        for (const outgoing of this.held.splice(0)) outgoing.end();
    }

    /** How many of them nobody has ended, neither here nor in the browser. */
    open(): number {
        return this.held.filter((outgoing) => !outgoing.closed).length;
    }

    async dispose(): Promise<void> {
        this.proxy.closeAllConnections();
        this.proxy.close();
        await once(this.proxy, 'close');
    }
}
