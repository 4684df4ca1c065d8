/** A sample web app that shows each step with its real requests. One visitor at a time; it is a demonstration. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import {
  authorizationUrl,
  checkIdToken,
  discover,
  type Metadata,
  type Pending,
  readCode,
  redeem,
  refresh,
  revoke,
  type Tokens,
  userinfo,
} from './client.ts';
import { createRecorder, type Recorder } from './exchange.ts';
import type { Stage } from './stage.ts';

interface Visit {
  readonly recorder: Recorder;
  pending?: Pending | undefined;
  tokens?: Tokens | undefined;
}

export async function serveApp(stage: Stage, port: number): Promise<{ close(): void }> {
  const visit: Visit = { recorder: createRecorder(() => {}) };
  const metadata = await discover(visit.recorder, stage);
  const server = createServer((request, response) => {
    answer(stage, metadata, visit, request, response).catch((error: Error) => {
      send(response, `<p class="error">${escapeHtml(error.message)}</p>`, visit);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { close: () => server.close() };
}

async function answer(
  stage: Stage,
  metadata: Metadata,
  visit: Visit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', stage.redirect_uri);
  const { recorder, tokens } = visit;
  if (url.pathname === '/start') {
    const { url: location, pending } = authorizationUrl(stage, metadata);
    visit.pending = pending;
    recorder.exchanges.push({ request: `GET ${location}`, response: 'the browser goes there' });
    return redirect(response, location);
  }
  if (url.pathname === '/callback' && visit.pending) {
    recorder.exchanges.push({ request: `GET ${url}`, response: 'the browser comes back' });
    const code = readCode(stage, url.searchParams, visit.pending);
    visit.tokens = await redeem(recorder, stage, metadata, code, visit.pending);
    await checkIdToken(recorder, stage, metadata, visit.tokens, visit.pending.nonce);
    visit.pending = undefined;
    return redirect(response, '/');
  }
  if (request.method === 'POST' && tokens) {
    if (url.pathname === '/refresh')
      visit.tokens = await refresh(recorder, stage, metadata, tokens.refresh_token);
    if (url.pathname === '/userinfo') await userinfo(recorder, metadata, tokens.access_token);
    if (url.pathname === '/revoke') await revoke(recorder, stage, metadata, tokens.refresh_token);
    return redirect(response, '/');
  }
  send(response, page(stage, visit), visit);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}

function page(stage: Stage, { tokens }: Visit): string {
  const start = '<p><a href="/start">Sign in with Gatehouse</a></p>';
  if (!tokens) return start;
  const button = (path: string, label: string) =>
    `<form method="post" action="${path}"><button>${label}</button></form>`;
  const decoded = { access_token: decodeJwt(tokens.access_token), id_token: decodeJwt(tokens.id_token) };
  return `${button('/refresh', 'Refresh')}${button('/userinfo', 'Userinfo')}${button('/revoke', 'Revoke')}
<p><a href="${stage.issuer}/logout">Sign out</a> · ${start.slice(3, -4)}</p>
<h2>Tokens</h2><pre>${escapeHtml(JSON.stringify(decoded, undefined, 2))}</pre>`;
}

function send(response: ServerResponse, body: string, { recorder }: Visit): void {
  const steps = recorder.exchanges
    .map(
      ({ request, response: got }) =>
        `<li><pre>${escapeHtml(request)}</pre><pre>${escapeHtml(got)}</pre></li>`,
    )
    .join('');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Sample app</title>
<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:.75rem;border-radius:.5rem}form{display:inline}</style>
<h1>Sample app</h1>${body}<h2>What was said so far</h2><ol>${steps}</ol></html>`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
