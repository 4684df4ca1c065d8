/**
 * One keep-alive HTTP/1.1 connection of the load generator. Written by hand because a client library costs more per
 * request than the fastest servers here do, and would then be what is measured.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** The header lines as they were received. */
  readonly head: string;
  readonly body: string;
}

export interface Connection {
  /** Sends a request made by {@link requestText} and waits for its answer. Throws where the connection breaks. */
  send(text: string): Promise<Answer>;
  close(): void;
}

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

export function requestText(host: string, { method, path, headers = {}, form }: Outgoing): string {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const body = form === undefined ? '' : new URLSearchParams(form).toString();
  if (form !== undefined) {
    lines.push('content-type: application/x-www-form-urlencoded', `content-length: ${body.length}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The value of a header, undefined where it is absent. */
export function headerOf({ head }: Answer, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = await connected(port);
  let received = '';
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  function settle(): void {
    const answer = waiting && parseAnswer(received);
    if (!answer) return;
    received = '';
    const { resolve } = waiting as NonNullable<typeof waiting>;
    waiting = undefined;
    resolve(answer);
  }
  function fail(error: Error): void {
    waiting?.reject(error);
    waiting = undefined;
  }
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    settle();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  return {
    send: (text) =>
      new Promise<Answer>((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(text);
      }),
    close: () => socket.destroy(),
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** undefined where the answer is not complete yet. */
function parseAnswer(received: string): Answer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const status = Number(head.slice(9, 12));
  const chunked = /^transfer-encoding: chunked/im.test(head);
  if (chunked) throw new Error('a chunked answer, which this generator does not read');
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  if (received.length < end + 4 + length) return undefined;
  return { status, head, body: received.slice(end + 4, end + 4 + length) };
}
