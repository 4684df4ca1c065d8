/** A loopback redirect URI that receives one authorization response. RFC 8252 §7.3 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { within } from '../lib/time-limit.ts';
import { CommandError } from './command-error.ts';

export interface Callback {
  readonly redirect_uri: string;
  /** Rejects with CommandError after `limitSeconds`. */
  answer(limitSeconds: number): Promise<URLSearchParams>;
  close(): void;
}

/**
 * Listens on `port`; 0 is any free port. A response with another state is refused and does not end the wait (RFC 6749
 * §10.12). Throws CommandError where the port cannot be opened.
 */
export async function openCallback(port: number, state: string): Promise<Callback> {
  let receive: (answer: URLSearchParams) => void = () => {};
  const received = new Promise<URLSearchParams>((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => answerBrowser(request, response, { state, receive }));
  await listen(server, port);
  const { port: opened } = server.address() as { port: number };
  // A browser keeps connections open for later use; closing does not wait for them.
  const close = () => void server.close().closeAllConnections();
  return {
    redirect_uri: `http://127.0.0.1:${opened}/callback`,
    answer: (limitSeconds) => within(limitSeconds * 1000, received, () => refuseLate(limitSeconds)),
    close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          1,
          `cannot wait on 127.0.0.1:${port} (${code}); leave --port away for any that is free`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
}

function answerBrowser(
  request: IncomingMessage,
  response: ServerResponse,
  { state, receive }: { readonly state: string; readonly receive: (answer: URLSearchParams) => void },
): void {
  const base = 'http://127.0.0.1';
  const url = URL.canParse(request.url ?? '/', base) ? new URL(request.url ?? '/', base) : undefined;
  response.setHeader('connection', 'close');
  if (url?.pathname !== '/callback') return void response.writeHead(404).end();
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('x-content-type-options', 'nosniff');
  if (url.searchParams.get('state') !== state)
    return void response.writeHead(400).end('This is not the answer that the terminal waits for.\n');
  const error = url.searchParams.get('error');
  const word = error === null ? 'You can close this window' : 'This did not work';
  response.end(`${word}: go back to the terminal.\n`, () => receive(url.searchParams));
}

function refuseLate(limitSeconds: number): never {
  throw new CommandError(
    1,
    `nobody came back within ${limitSeconds} s (--timeout); where the browser shows an error, ` +
      'gatehouse audit-event list says why',
  );
}
