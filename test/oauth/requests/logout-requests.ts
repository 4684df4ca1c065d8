/** An app asks to sign its user out, and where that leads. */
import { expect } from 'vitest';
import { auditEvents, authorize, type Registered, redeem } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

/** As pino writes it. */
const INFO = 30;
export const AFTER = 'https://app.example.com/bye';
type Fields = Record<string, string>;

export const logoutUrl = (server: TestServer, parameters: Fields) =>
  `${server.issuer}/logout?${new URLSearchParams(parameters)}`;

/** As an app asks that has no ID token any more. */
export const askedBy = (app: Registered, more: Fields = {}): Fields => ({
  client_id: app.client.client_id,
  post_logout_redirect_uri: AFTER,
  ...more,
});

export async function signInTo(server: TestServer, app: Registered) {
  const authorized = await authorize(server, app.client);
  return {
    agent: authorized.agent,
    id_token: (await redeem(server, app, authorized)).body.id_token as string,
  };
}

/** From an app's page: the cookies come with the GET after it. */
async function post(server: TestServer, agent: UserAgent, fields: Fields): Promise<Page> {
  const posted = await createUserAgent(server.issuer).fetch(`${server.issuer}/logout`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  expect(posted.status).toBe(303);
  return agent.open(posted.location ?? '');
}

const get = (server: TestServer, agent: UserAgent, fields: Fields) => agent.open(logoutUrl(server, fields));

/** The two ways to ask. */
export const methods: [string, typeof post][] = [
  ['GET', get],
  ['POST', post],
];

export function expectLink({ location, body }: Page, href: string, host: string): void {
  expect(location).toBeUndefined();
  expect(body).toContain(`href="${href}"`);
  expect(body).toContain(`<bdi class="host">${host}</bdi>`);
  expect(body).not.toContain('http-equiv="refresh"');
  expect(body).not.toContain('id="refused"');
}

export async function lastRefusal(server: TestServer) {
  return (await auditEvents(server)).find(({ type }) => type === 'logout.refused');
}

interface Stay {
  readonly reason: string;
  readonly parameters: Fields;
  readonly agents: readonly UserAgent[];
  /** Of the client that asks, where it is known; it registered {@link AFTER}. */
  readonly client_id?: string;
}

/** Whoever asks so is signed out and stays here; page, log and audit say why. */
export async function expectStay(
  server: TestServer,
  { reason, parameters, agents, client_id }: Stay,
): Promise<void> {
  for (const agent of agents) {
    server.lines.length = 0;
    const opened = await agent.open(logoutUrl(server, parameters));
    const page = opened.body.includes('id="confirm"') ? await agent.submit(opened, {}) : opened;
    expect(page.location).toBeUndefined();
    expect(page.body).toContain('Signed out');
    expect(page.body).toContain('so you stay here');
    expect(page.body).not.toContain('id="continue"');
    const { post_logout_redirect_uri } = parameters;
    const compared = { post_logout_redirect_uri, ...(client_id !== undefined && { registered: AFTER }) };
    const event = await lastRefusal(server);
    expect(event).toMatchObject({ reason, details: compared });
    expect(event?.client_id).toBe(client_id);
    const line = server.lines.map((text) => JSON.parse(text)).find((one) => one.reason === reason);
    expect(line).toMatchObject({ level: INFO, ...compared });
    expect(line.client_id).toBe(client_id);
  }
}
