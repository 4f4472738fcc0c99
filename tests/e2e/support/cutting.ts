import { once } from 'node:events';
import { createServer, request as ask, type Server as HttpServer, type ServerResponse } from 'node:http';

/** A way to the server that breaks: of an answer to a path, it lets some bytes through, and ends the connection when told. */
export class Cutting {
    /** `http://127.0.0.1:PORT`; leads to the server. */
    url = '';
    private readonly proxy: HttpServer;
    private limits: number[] = [];
    private held: ServerResponse[] = [];

    private constructor(target: string, path: string) {
        this.proxy = createServer((incoming, outgoing) => {
            const headers = { ...incoming.headers };
            // Plain bytes: what comes of a packed answer that breaks is another question.
            if (incoming.url?.startsWith(path)) delete headers['accept-encoding'];
            const onward = ask(`${target}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
                const limit = incoming.url?.startsWith(path) ? this.limits.shift() : undefined;
                outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
                if (limit === undefined) {
                    answer.pipe(outgoing);
                    return;
                }
                let left = limit;
                answer.on('error', () => undefined);
                this.held.push(outgoing);
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

    /** Of the next answers, only so many bytes come through, one number for each. */
    after(...bytes: number[]): void {
        this.limits = bytes;
    }

    /** Ends the connections that are held at their limit, in the middle of their answer. */
    cut(): void {
        // What was written before still arrives; what is missing is the end that says that it was all.
        for (const outgoing of this.held.splice(0)) outgoing.socket?.end();
    }

    async dispose(): Promise<void> {
        this.proxy.closeAllConnections();
        this.proxy.close();
        await once(this.proxy, 'close');
    }
}
