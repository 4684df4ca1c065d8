/** What the tests of client authentication share: one request at an endpoint, and why it was refused. */
import { type Answer, auditEvents } from '../../../support/flow.ts';
import type { TestServer } from '../../../support/server.ts';

export interface Told {
  readonly status: number;
  /** Of the answer; undefined where it is good. */
  readonly error: string | undefined;
  /** For the operator alone. */
  readonly reason: string | undefined;
}

export interface Sent {
  readonly path?: string;
  readonly fields: Record<string, string> | readonly (readonly [string, string])[];
  readonly headers?: Record<string, string>;
}

/** A form POST of client_credentials, with nothing in it that is not given here. */
export async function send(
  server: TestServer,
  { path = '/token', fields, headers = {} }: Sent,
): Promise<Answer> {
  const pairs = Array.isArray(fields) ? (fields as [string, string][]) : Object.entries(fields);
  const body = new URLSearchParams([['grant_type', 'client_credentials'], ...pairs]);
  const response = await fetch(`${server.issuer}${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The same, told with the reason that the log has. */
export async function trial(server: TestServer, sent: Sent): Promise<Told> {
  const mark = server.lines.length;
  const { status, body } = await send(server, sent);
  const refused = server.lines.slice(mark).map((line) => JSON.parse(line));
  return { status, error: body.error, reason: refused.find(({ msg }) => msg === 'refused')?.reason };
}

/** Basic, with client_id and secret as they are. */
export function basicOf(text: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** How many events the audit has of a type. */
export async function countOf(server: TestServer, type: string): Promise<number> {
  return (await auditEvents(server)).filter((event) => event.type === type).length;
}

export const GOOD: Told = { status: 200, error: undefined, reason: undefined };
