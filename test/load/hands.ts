/** HTTP clients that know nothing of a stop: some keep their connections, some make one for each request. */
import { Agent, request } from 'node:http';
import type { Scene } from '../faults/scene.ts';

const KEEPING = 24;
const CONNECTING = 8;

export interface Failures {
  answered: number;
  /** Connected to nobody, which a client may try elsewhere. */
  refused: number;
  /** What became of requests on a connection that was accepted. */
  readonly broken: string[];
}

export function newFailures(): Failures {
  return { answered: 0, refused: 0, broken: [] };
}

/** Each hand asks until it is refused. */
export function askAgainAndAgain({ gatehouse, clients }: Scene, failures: Failures): Promise<void>[] {
  const { client_id, client_secret } = clients.machine;
  const headers = {
    authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = 'grant_type=client_credentials';
  const byFetch = async () => {
    const answer = await fetch(`${gatehouse.origin}/token`, { method: 'POST', headers, body });
    await answer.text();
    return answer.status;
  };
  const byNewConnection = () =>
    new Promise<number>((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      const sent = request(`${gatehouse.origin}/token`, { method: 'POST', headers, agent }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.once('error', reject).end(body);
    });
  return [
    ...Array.from({ length: KEEPING }, () => askUntilRefused(byFetch, failures)),
    ...Array.from({ length: CONNECTING }, () => askUntilRefused(byNewConnection, failures)),
  ];
}

async function askUntilRefused(ask: () => Promise<number>, failures: Failures): Promise<void> {
  for (;;) {
    try {
      const status = await ask();
      if (status === 200) failures.answered += 1;
      else failures.broken.push(String(status));
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ECONNREFUSED') failures.broken.push(code);
      else {
        failures.refused += 1;
        return;
      }
    }
  }
}

/** fetch hides it one or two levels down; localhost has two addresses. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] };
  return code ?? (cause ? codeOf(cause) : errors?.[0] ? codeOf(errors[0]) : String(error));
}
