/** Many hands, each with a connection of its own to one of the nodes, that reach for one thing at the same moment. */
import {
  type Answer,
  type Connection,
  headerOf,
  openConnection,
  requestText,
} from '../../bench/connection.ts';
import { CALLBACK, newPkce, type Pkce } from '../support/flow.ts';
import type { Nodes } from './nodes.ts';

const HOST = 'localhost';

export interface Tokens {
  readonly refresh_token: string;
}

export interface Hands {
  /** A fresh code. */
  authorize(): Promise<string>;
  /** One redemption, by the first hand. */
  redeem(code: string): Promise<Answer>;
  refresh(refresh_token: string): Promise<Answer>;
  /** The same redemption by every hand at once. */
  redeemByAll(code: string): Promise<Answer[]>;
  refreshByAll(refresh_token: string): Promise<Answer[]>;
  drop(): void;
}

export async function openHands(nodes: Nodes, count: number): Promise<Hands> {
  const { ports, client_id } = nodes;
  const connections = await Promise.all(
    Array.from({ length: count }, (_, hand) => openConnection(ports[hand % ports.length] ?? 0)),
  );
  const [first] = connections;
  if (!first) throw new Error('no hand');
  const pkce = newPkce();
  const authorization = authorizationText(nodes, pkce);
  const redemption = (code: string) =>
    tokenText({
      grant_type: 'authorization_code',
      code,
      client_id,
      redirect_uri: CALLBACK,
      code_verifier: pkce.code_verifier,
    });
  const renewal = (refresh_token: string) =>
    tokenText({ grant_type: 'refresh_token', refresh_token, client_id });
  return {
    authorize: async () => codeOf(await first.send(authorization)),
    redeem: (code) => first.send(redemption(code)),
    refresh: (refresh_token) => first.send(renewal(refresh_token)),
    redeemByAll: (code) => sendByAll(connections, redemption(code)),
    refreshByAll: (refresh_token) => sendByAll(connections, renewal(refresh_token)),
    drop() {
      for (const connection of connections) connection.close();
    },
  };
}

function sendByAll(connections: readonly Connection[], text: string): Promise<Answer[]> {
  return Promise.all(connections.map((connection) => connection.send(text)));
}

function authorizationText({ client_id, cookie }: Nodes, { code_challenge }: Pkce): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge,
    code_challenge_method: 'S256',
  });
  return requestText(HOST, { method: 'GET', path: `/authorize?${query}`, headers: { cookie } });
}

function tokenText(form: Record<string, string>): string {
  return requestText(HOST, { method: 'POST', path: '/token', form });
}

function codeOf(answer: Answer): string {
  const code = new URL(headerOf(answer, 'location') ?? 'about:blank').searchParams.get('code');
  if (code === null) throw new Error(`no code: ${answer.status} ${answer.body}`);
  return code;
}
