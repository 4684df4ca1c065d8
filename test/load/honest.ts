/** Requests as honest clients send them, at a steady pace, and how long they took. */
import { type Connection, openConnection, requestText } from '../../bench/connection.ts';
import type { Scene } from '../faults/scene.ts';

export interface Request {
  readonly name: string;
  readonly text: string;
}

export function requestsOf({ gatehouse, clients, machineToken }: Scene): readonly Request[] {
  const host = new URL(gatehouse.origin).host;
  const { client_id, client_secret } = clients.machine;
  const headers = { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` };
  const form = (path: string, fields: Record<string, string>) =>
    requestText(host, { method: 'POST', path, headers, form: fields });
  return [
    { name: '/jwks', text: requestText(host, { method: 'GET', path: '/jwks' }) },
    { name: 'introspection', text: form('/introspect', { token: machineToken }) },
    { name: 'client_credentials', text: form('/token', { grant_type: 'client_credentials' }) },
  ];
}

export function portOf({ gatehouse }: Scene): number {
  return Number(new URL(gatehouse.origin).port);
}

const PAUSE_MS = 4;

/** In milliseconds. */
export interface Durations {
  readonly p99Ms: number;
  /** What a percentile hides. */
  readonly worstMs: number;
}

/** How long requests of each kind took, in milliseconds. */
export type Times = ReadonlyMap<string, readonly number[]>;

/** Each request in turn on one connection until `until` resolves, and so often at least; gives how long each took. */
export async function askWhile(scene: Scene, until: Promise<unknown>, atLeast = 0): Promise<Times> {
  const requests = requestsOf(scene);
  const connection: Connection = await openConnection(portOf(scene));
  const times = new Map<string, number[]>(requests.map(({ name }) => [name, []]));
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  for (let rounds = 0; !isOver || rounds < atLeast; rounds += 1) {
    for (const { name, text } of requests) {
      const startMs = performance.now();
      const { status } = await connection.send(text);
      if (status !== 200) throw new Error(`${name} was answered ${status}`);
      times.get(name)?.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  connection.close();
  await over;
  return times;
}

export function durationsOf(times: readonly number[] = []): Durations {
  const sorted = times.toSorted((left, right) => left - right);
  return { p99Ms: rounded(sorted[Math.floor(sorted.length * 0.99)]), worstMs: rounded(sorted.at(-1)) };
}

function rounded(ms = 0): number {
  return Math.round(ms * 10) / 10;
}
