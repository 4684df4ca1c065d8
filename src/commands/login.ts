/** Acts as a client and prints the tokens. RFC 8252 (native apps), RFC 7636 */
import { createHash, randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { AnswerError, ask, authorityOf, readAnswer, readMembers } from './bounded-http-client.ts';
import { allWords } from './collect-or-refuse-repeated-options.ts';
import { CommandError } from './command-error.ts';
import { openCallback } from './listen-for-login-callback.ts';
import { print, say, shown, writeData } from './print.ts';
import { readSecret } from './read-secret.ts';
import { readSettings } from './read-settings.ts';

const WAIT_SECONDS = 600;
const LONGEST_PAGE = 400;

interface Options {
  readonly config?: string;
  readonly issuer?: string;
  readonly clientId: string;
  readonly clientSecretStdin?: boolean;
  readonly scope?: string;
  readonly resource?: string;
  readonly port: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const serverSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

interface Server extends z.output<typeof serverSchema> {
  readonly authority: string | undefined;
}

/** The command `gatehouse login code | client-credentials`. RFC 6749 §4.1, §4.4 */
export function loginCommand(): Command {
  const command = new Command('login').description('act as a client and print the tokens');
  withCommonOptions(command.command('code'))
    .description('sign in with a browser: authorization code with PKCE, on a loopback redirect')
    .option('--port <port>', 'the port to wait on (default: any that is free)', wholeNumber(0, 65_535), 0)
    .option('--timeout <seconds>', 'how long to wait for the browser', wholeNumber(1, 86_400), WAIT_SECONDS)
    .action(async (_options, verb: Command) => withAnswerErrors(loginWithCode(verb.optsWithGlobals())));
  withCommonOptions(command.command('client-credentials'))
    .description('the client for itself')
    .action(async (_options, verb: Command) => withAnswerErrors(loginAsClient(verb.optsWithGlobals())));
  return command;
}

function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--client-id <id>', 'the client_id')
    .option('--client-secret-stdin', 'read the client secret from standard input')
    .option('--issuer <url>', 'the issuer (default: that of the settings)')
    .option('--scope <scope>', 'what to ask for; may be repeated', allWords)
    .option('--resource <uri>', 'the resource to use the token at (RFC 8707)')
    .option('--json', 'print one JSON value');
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be ${least} to ${most}.`);
  };
}

async function withAnswerErrors(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw error instanceof AnswerError ? new CommandError(1, error.message) : error;
  }
}

async function loginAsClient(options: Options): Promise<void> {
  const server = await discover(options);
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...requestedAccess(options) });
  const secret = await secretOf(options);
  showTokens(await redeem(server, { ...options, secret }, body), options);
}

async function loginWithCode(options: Options): Promise<void> {
  const server = await discover(options);
  const secret = await secretOf(options);
  const code_verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const callback = await openCallback(options.port, state);
  const { redirect_uri } = callback;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: options.clientId,
    redirect_uri,
    state,
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...requestedAccess(options),
  });
  const address = `${server.authorization_endpoint}?${query}`;
  try {
    const immediate = await tryAddress(address, redirect_uri, server);
    if (!immediate) say(`Open this address in a browser:\n\n${address}\n`);
    const code = readResponse(immediate ?? (await callback.answer(options.timeout)), state, server);
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, code_verifier });
    if (options.resource !== undefined) body.set('resource', options.resource);
    showTokens(await redeem(server, { ...options, secret }, body), options);
  } finally {
    callback.close();
  }
}

function requestedAccess({ scope, resource }: Options): Record<string, string> {
  return { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) };
}

async function secretOf({ clientSecretStdin }: Options): Promise<string | undefined> {
  return clientSecretStdin ? readSecret('client secret') : undefined;
}

/** RFC 8414 §3.3: the document must name the issuer that was asked. */
async function discover(options: Options): Promise<Server> {
  const settings = readSettings(options.config);
  const issuer = options.issuer ?? settings.issuer;
  const authority = authorityOf(settings);
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const server = readAnswer(await ask(url, { authority }), serverSchema);
  if (server.issuer !== issuer)
    throw new CommandError(1, `${url} names the issuer ${shown(server.issuer)}, not ${issuer}`);
  return { ...server, authority };
}

/**
 * Requests the address before the browser does. RFC 6749 §4.1.2.1: an error page does not redirect, so that waiting for
 * an answer would be in vain. Returns an error that is redirected at once, such as for an unknown scope.
 */
async function tryAddress(
  address: string,
  redirect_uri: string,
  { authority }: Server,
): Promise<URLSearchParams | undefined> {
  const { status, headers, text } = await ask(address, { headers: { accept: 'text/html' }, authority });
  if (status >= 400)
    throw new CommandError(1, `the server shows an error page (${status}): ${mainTextOf(text)}`);
  const { location = '' } = headers;
  return location.startsWith(`${redirect_uri}?`) ? new URL(location).searchParams : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The text of a page's main element, or of the whole page where it has none. */
function mainTextOf(html: string): string {
  const begin = html.indexOf('<main');
  const end = html.indexOf('</main>');
  const part = begin < 0 || end < begin ? html : html.slice(begin, end);
  const text = part
    .split('<')
    .map((piece) => piece.slice(piece.indexOf('>') + 1))
    .join(' ')
    .replace(/&(#?\w{1,6});/g, (entity, name: string) => ENTITIES[name] ?? entity);
  return shown(text.split(/\s+/).filter(Boolean).join(' ').slice(0, LONGEST_PAGE));
}

/** RFC 9207 §2.4, RFC 6749 §10.12 */
function readResponse(response: URLSearchParams, state: string, server: Server): string {
  if (response.get('state') !== state)
    throw new CommandError(1, 'the answer has another state than the request');
  const iss = response.get('iss');
  const isNamed = server.authorization_response_iss_parameter_supported || iss !== null;
  if (isNamed && iss !== server.issuer)
    throw new CommandError(1, `the answer names the issuer ${shown(iss)}, not ${server.issuer}`);
  const error = response.get('error');
  if (error !== null)
    throw new CommandError(1, shown(`${error}: ${response.get('error_description') ?? ''}`));
  const code = response.get('code');
  if (code === null) throw new CommandError(1, 'the answer has neither a code nor an error');
  return code;
}

const answerSchema = z.record(z.string(), z.unknown());

async function redeem(
  server: Server,
  { clientId, secret }: Pick<Options, 'clientId'> & { readonly secret: string | undefined },
  body: URLSearchParams,
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (secret === undefined) body.set('client_id', clientId);
  else {
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const { authority } = server;
  const received = await ask(server.token_endpoint, {
    method: 'POST',
    headers,
    body: String(body),
    authority,
  });
  const answer = readMembers(received, answerSchema);
  if (received.status === 200) return answer;
  const { error = `status ${received.status}`, error_description = '' } = answer;
  throw new CommandError(1, shown(`${error}: ${error_description}`));
}

/** Undefined for a token that is not a JWT. */
function decode(token: string): object | undefined {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

function showTokens(answer: Record<string, unknown>, options: Options): void {
  const decoded = Object.fromEntries(
    ['access_token', 'id_token'].flatMap((name) => {
      const token = answer[name];
      const content = typeof token === 'string' ? decode(token) : undefined;
      return content === undefined ? [] : [[`${name}_decoded`, content]];
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
