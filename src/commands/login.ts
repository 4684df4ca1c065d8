/** Acts as a client and prints the tokens. RFC 8252 (native apps), RFC 7636 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Command } from 'commander';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { readSettings } from './open.ts';
import { CommandError, print, readSecret, say, shown, writeData } from './terminal.ts';

const WAIT_MS = 600_000;

interface Options {
  readonly config?: string;
  readonly issuer?: string;
  readonly clientId: string;
  readonly clientSecretStdin?: boolean;
  readonly scope?: string;
  readonly resource?: string;
  readonly port?: string;
  readonly json?: boolean;
}

interface Server {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

export function loginCommand(): Command {
  const command = new Command('login').description('act as a client and print the tokens');
  common(command.command('code'))
    .description('sign in with a browser: authorization code with PKCE, on a loopback redirect')
    .option('--port <port>', 'the port to wait on (default: any that is free)')
    .action(async (_options, verb: Command) => loginWithCode(verb.optsWithGlobals()));
  common(command.command('client-credentials'))
    .description('the client for itself')
    .action(async (_options, verb: Command) => loginAsClient(verb.optsWithGlobals()));
  return command;
}

function common(command: Command): Command {
  return command
    .requiredOption('--client-id <id>', 'the client_id')
    .option('--client-secret-stdin', 'read the client secret from standard input')
    .option('--issuer <url>', 'the issuer (default: that of the settings)')
    .option('--scope <scope>', 'what to ask for')
    .option('--resource <uri>', 'the resource to use the token at (RFC 8707)')
    .option('--json', 'print one JSON value');
}

async function loginAsClient(options: Options): Promise<void> {
  const server = await discover(options);
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...asked(options) });
  showTokens(await redeem(server, options, body), options);
}

async function loginWithCode(options: Options): Promise<void> {
  const server = await discover(options);
  const code_verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const callback = await listenOnce(Number(options.port ?? 0));
  const redirect_uri = `http://127.0.0.1:${callback.port}/callback`;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: options.clientId,
    redirect_uri,
    state,
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...asked(options),
  });
  say(`Open this address in a browser:\n\n${server.authorization_endpoint}?${query}\n`);
  const code = readResponse(await callback.answer, state, server.issuer);
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, code_verifier });
  if (options.resource !== undefined) body.set('resource', options.resource);
  showTokens(await redeem(server, options, body), options);
}

function asked({ scope, resource }: Options): Record<string, string> {
  return { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) };
}

/** RFC 8414 §3.3: the document must name the issuer that was asked. */
async function discover(options: Options): Promise<Server> {
  const issuer = options.issuer ?? readSettings(options.config).issuer;
  const url = `${issuer}/.well-known/openid-configuration`;
  const response = await fetch(url).catch((error: Error) => {
    throw new CommandError(
      1,
      `${url} does not answer (${String(error.cause ?? error.message)}); is the server running?`,
    );
  });
  const server = (await response.json()) as Server;
  if (server.issuer !== issuer)
    throw new CommandError(1, `${url} names the issuer ${shown(server.issuer)}, not ${issuer}`);
  return server;
}

/** One answer on a loopback address. RFC 8252 §7.3 */
function listenOnce(port: number): Promise<{ port: number; answer: Promise<URLSearchParams> }> {
  return new Promise((resolve, reject) => {
    let receive: (parameters: URLSearchParams) => void;
    const answer = new Promise<URLSearchParams>((done, fail) => {
      receive = done;
      setTimeout(() => {
        stop();
        fail(new CommandError(1, 'nobody signed in within ten minutes'));
      }, WAIT_MS).unref();
    });
    // A browser keeps connections that it may need; nobody waits for them.
    const stop = () => server.close().closeAllConnections();
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      response.setHeader('connection', 'close');
      if (url.pathname !== '/callback') return void response.writeHead(404).end();
      response.end('You can close this window and go back to the terminal.\n', stop);
      receive(url.searchParams);
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve({ port: (server.address() as { port: number }).port, answer }),
    );
  });
}

/** RFC 9207 §2.4, RFC 6749 §10.12 */
function readResponse(response: URLSearchParams, state: string, issuer: string): string {
  if (response.get('state') !== state)
    throw new CommandError(1, 'the answer has another state than the request');
  if (response.get('iss') !== issuer)
    throw new CommandError(1, `the answer names the issuer ${shown(response.get('iss'))}`);
  const error = response.get('error');
  if (error !== null)
    throw new CommandError(1, shown(`${error}: ${response.get('error_description') ?? ''}`));
  return response.get('code') ?? '';
}

async function redeem(
  server: Server,
  options: Options,
  body: URLSearchParams,
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = {};
  if (options.clientSecretStdin) {
    const secret = await readSecret('client secret');
    const pair = `${encodeURIComponent(options.clientId)}:${encodeURIComponent(secret)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  } else body.set('client_id', options.clientId);
  const response = await fetch(server.token_endpoint, { method: 'POST', body, headers });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new CommandError(1, shown(`${answer.error}: ${answer.error_description}`));
  return answer;
}

function showTokens(answer: Record<string, unknown>, options: Options): void {
  const decoded = Object.fromEntries(
    ['access_token', 'id_token'].flatMap((name) => {
      const token = answer[name];
      if (typeof token !== 'string') return [];
      return [[`${name}_decoded`, { header: decodeProtectedHeader(token), claims: decodeJwt(token) }]];
    }),
  );
  if (options.json) {
    print({ ...answer, ...decoded }, true);
    return;
  }
  print(answer, false);
  for (const [name, value] of Object.entries(decoded)) {
    writeData(`\n${name} ${JSON.stringify(value, undefined, 2)}\n`);
  }
}
