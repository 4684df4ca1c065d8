/**
 * /metrics of several workers: whichever worker is asked, the answer has the samples of all, each with the label `worker`.
 * Prometheus adds them up: sum without (worker) (…).
 */
import type { Worker } from 'node:cluster';
import { within } from '../../lib/time-limit.ts';

/** A worker that does not answer within this time is missing from the scrape. */
const ANSWER_WITHIN_MS = 1000;

/** A message from a worker to the first process. */
export type WorkerMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'wanted'; readonly id: number }
  | { readonly kind: 'counted'; readonly round: number; readonly text: string };

/** A message from the first process to a worker. */
type HubMessage =
  | { readonly kind: 'count'; readonly round: number }
  | { readonly kind: 'gathered'; readonly id: number; readonly text: string };

/** In a worker: answers the first process with its own metrics, and returns a function that asks for those of all workers. */
export function gatherMetrics(own: () => Promise<string>): () => Promise<string> {
  const waiting = new Map<number, (text: string) => void>();
  let lastId = 0;
  process.on('message', async (message: HubMessage) => {
    if (message.kind === 'count') send({ kind: 'counted', round: message.round, text: await own() });
    if (message.kind !== 'gathered') return;
    waiting.get(message.id)?.(message.text);
    waiting.delete(message.id);
  });
  return () =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      send({ kind: 'wanted', id: lastId });
    });
}

function send(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}

export interface MetricsHub {
  receive(from: Worker, number: number, message: WorkerMessage): void;
}

interface Round {
  readonly texts: Map<number, string>;
  readonly awaited: number;
  finish(): void;
}

/** In the first process: collects the metrics of all workers, and sends them to the worker that asked. */
export function createMetricsHub(workers: () => ReadonlyMap<number, Worker | undefined>): MetricsHub {
  const rounds = new Map<number, Round>();
  let lastRound = 0;
  let underWay: Promise<string> | undefined;

  /** One round at a time, whose result is shared by all workers that ask meanwhile. */
  function gatherOnce(): Promise<string> {
    underWay ??= gather().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function gather(): Promise<string> {
    lastRound += 1;
    const round = lastRound;
    const asked = [...workers().values()].filter((worker) => worker?.isConnected());
    const texts = new Map<number, string>();
    const answered = new Promise<void>((finish) => {
      rounds.set(round, { texts, awaited: asked.length, finish });
    });
    for (const worker of asked) worker?.send({ kind: 'count', round } satisfies HubMessage);
    await within(ANSWER_WITHIN_MS, answered, () => undefined);
    rounds.delete(round);
    return mergeMetrics(texts);
  }

  return {
    receive(from, number, message) {
      if (message.kind === 'wanted') {
        const { id } = message;
        void gatherOnce().then((text) => {
          if (from.isConnected()) from.send({ kind: 'gathered', id, text } satisfies HubMessage);
        });
      }
      if (message.kind !== 'counted') return;
      const round = rounds.get(message.round);
      round?.texts.set(number, message.text);
      if (round && round.texts.size === round.awaited) round.finish();
    },
  };
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S.*)/;

/** Merges the texts: each metric family once, each sample with the label `worker`. */
export function mergeMetrics(texts: ReadonlyMap<number, string>): string {
  const families = new Map<string, string[]>();
  for (const [number, text] of [...texts].sort(([one], [other]) => one - other)) {
    for (const family of text.split(/\n(?=# HELP )/)) {
      const lines = family.split('\n').filter((line) => line.trim() !== '');
      const head = lines.filter((line) => line.startsWith('#')).join('\n');
      const samples = lines.filter((line) => !line.startsWith('#')).map((line) => label(line, number));
      families.set(head, [...(families.get(head) ?? []), ...samples]);
    }
  }
  return `${[...families].map(([head, samples]) => [head, ...samples].join('\n')).join('\n\n')}\n`;
}

function label(line: string, number: number): string {
  return line.replace(SAMPLE, (_all, name: string, labels: string | undefined, value: string) => {
    const all = [`worker="${number}"`, ...(labels ? [labels] : [])].join(',');
    return `${name}{${all}} ${value}`;
  });
}
