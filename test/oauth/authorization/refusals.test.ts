/** What is said of each request that is refused, byte for byte, and which of two faults is told. RFC 6749 §4.1.2.1 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { authorize, redeem } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page } from '../../support/user-agent.ts';
import {
  byMode,
  type Changes,
  type Clients,
  makeClients,
  ofRequest,
  ofSomebody,
  ofTarget,
  pairsOf,
  type RefusedCase,
  tooLong,
  unreadable,
} from './refused-requests.ts';

/** Some eight hundred requests. */
const LONG_MS = 180_000;

let server: TestServer;
let clients: Clients;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  clients = await makeClients(server);
}, LONG_MS);
afterAll(() => server.stop());

interface Told {
  readonly status: number;
  /** Where it went by a redirect. */
  readonly location?: string;
  /** The form that the browser posts, or what the error page says. */
  readonly shown?: string;
  /** For log and audit. */
  readonly reason?: string | undefined;
  readonly details?: string;
}

/** What is said of the page that `ask` leads to. */
async function tell(ask: () => Promise<Page>): Promise<Told> {
  const refused = vi.spyOn(server.gatehouse.audit, 'refused');
  const page = await ask();
  const [[event] = []] = refused.mock.calls;
  refused.mockRestore();
  const { reason, details } = event ?? {};
  return { ...answered(page), reason, ...(details && { details: JSON.stringify(details) }) };
}

const parametersOf = ({ client = 'web', changes }: RefusedCase) =>
  new URLSearchParams(pairsOf(clients[client], changes));
const urlOf = (one: RefusedCase) => `${server.issuer}/authorize?${parametersOf(one)}`;
const stranger = () => createUserAgent(server.issuer);
const tellStranger = (one: RefusedCase) => tell(() => stranger().fetch(urlOf(one)));

function answered({ status, headers, body }: Page): Told {
  const location = headers.get('location');
  if (location !== null) return { status, location: anonymous(location) };
  const said = body.match(/<dd\b.*<\/dd>|<(?:form|input)\b.*>/g) ?? [];
  const withoutRequest = said.filter((element) => !element.includes('<code dir="ltr">'));
  return { status, shown: anonymous(withoutRequest.join('\n')) };
}

const anonymous = (text: string) =>
  text.replaceAll(encodeURIComponent(server.issuer), 'ISSUER').replaceAll(server.issuer, 'ISSUER');

async function tellSomebody(): Promise<Record<string, Told>> {
  const { web } = clients;
  const authorized = await authorize(server, web.client);
  const { id_token } = (await redeem(server, web, authorized)).body;
  const { agent } = authorized;
  const told: Record<string, Told> = {};
  for (const one of ofSomebody(id_token)) told[one.name] = await tell(() => agent.fetch(urlOf(one)));
  const more = { name: 'what the user denied', changes: { scope: 'openid email' } };
  const consent = await agent.open(urlOf(more));
  told[more.name] = await tell(() => agent.submit(consent, { decision: 'deny' }));
  return told;
}

async function tellUnreadable(): Promise<Record<string, Told>> {
  const told: Record<string, Told> = {};
  const url = urlOf({ name: '', changes: { state: undefined } });
  for (const [name, more] of Object.entries(unreadable)) {
    told[name] = await tell(() => stranger().fetch(`${url}${more}`));
  }
  const headers = { 'sec-fetch-dest': 'script' };
  told['a page that loads it as a script'] = await tell(() => stranger().fetch(url, { headers }));
  return told;
}

it(
  'each refusal of /authorize is what it was: its code, its sentence, and whether it is sent on or shown',
  async () => {
    const told: Record<string, Told> = {};
    for (const one of [...ofTarget, ...ofRequest, ...byMode]) told[one.name] = await tellStranger(one);
    const post = { method: 'POST', body: parametersOf(tooLong) };
    told[tooLong.name] = await tell(() => stranger().fetch(`${server.issuer}/authorize`, post));
    Object.assign(told, await tellSomebody(), await tellUnreadable());
    const text = `${JSON.stringify(told, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../wire/authorize-refusals.json');
  },
  LONG_MS,
);

/** Whether both can be wrong at once. */
function areApart(one: Changes, other: Changes): boolean {
  return Object.keys(one).every((name) => !(name in other));
}

it(
  'of two faults the one is told whose rule comes first',
  async () => {
    const ordered = [...ofTarget, ...ofRequest].filter(({ client }) => client === undefined);
    const wrong: string[] = [];
    let compared = 0;
    for (const [index, first] of ordered.entries()) {
      const alone = await tellStranger(first);
      for (const second of ordered.slice(index + 1)) {
        if (!areApart(first.changes, second.changes)) continue;
        const both = await tellStranger({ name: '', changes: { ...second.changes, ...first.changes } });
        compared += 1;
        if (both.reason !== alone.reason) wrong.push(`${first.name}, ${second.name}: ${both.reason}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(500);
  },
  LONG_MS,
);
