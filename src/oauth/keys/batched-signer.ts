/**
 * Quick signatures, all of one turn of the event loop in a row: an ES256 signature reads 150 kB of tables, which a row
 * finds in the processor's cache (25 µs instead of 96). Where there is a core to spare, on a thread that does nothing
 * else; handing a row over takes 1 to 5 µs for each signature in it.
 */
import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { batchPerTurn } from '../../lib/once-or-batch-per-turn.ts';
import { quickSignature, type SigningAlgorithm } from './make-and-verify-signatures.ts';

/** Built beside the built file, as a source beside the source. */
const PROGRAM = new URL(`./signing-thread-program${extname(import.meta.url)}`, import.meta.url);
/** The thread holds a few dozen texts at a time: a small heap, that it does not grow to the default of the server. */
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** The thread starts to sign while the rest of the turn still runs, and answers are sent while it signs the others. */
const LONGEST_ROW = 8;
/** Waking the thread for one alone takes as long as the signature. */
const SHORTEST_ROW = 2;

export interface Signer {
  /** The encoded signature over `text`. */
  sign(alg: SigningAlgorithm, key: KeyObject, text: string): Promise<string>;
  close(): Promise<void>;
}

/** What the thread says: first that it is there, then the signatures of each question in the order of its texts. */
export type SigningAnswer = 'ready' | string[];

export interface SigningQuestion {
  readonly alg: SigningAlgorithm;
  readonly key: KeyObject;
  readonly texts: string[];
}

interface Waiting {
  resolve(signature: string): void;
  reject(error: unknown): void;
}

interface Row extends SigningQuestion {
  readonly waiting: Waiting[];
}

type SignRow = (row: Row) => void;

/**
 * Of a server that shares the machine's cores with `serverProcesses` in all; undefined for a command. Where every core has
 * a server of its own, a thread beside it would only compete with it.
 */
export function createSigner(serverProcesses: number | undefined): Signer {
  const hasCoreToSpare = serverProcesses !== undefined && availableParallelism() > serverProcesses;
  return hasCoreToSpare ? createSigningThread() : createSignerHere();
}

/** Signs on the event loop. */
export function createSignerHere(): Signer {
  return { sign: inRows(signHere), close: async () => {} };
}

/** Signs on a thread of its own. Where the thread ends, the texts that it was given are signed on the event loop. */
export function createSigningThread(): Signer {
  const underWay: Row[] = [];
  let thread: Worker | undefined;
  /** No signature waits for a thread that is still starting. */
  let isReady = false;
  let mayStart = true;

  function start(): void {
    try {
      thread = new Worker(PROGRAM, { resourceLimits: HEAP });
    } catch {
      // There is no room for one more thread.
      mayStart = false;
      return;
    }
    thread.on('message', (answer: SigningAnswer) => {
      if (answer === 'ready') isReady = true;
      else settle(underWay.shift(), answer);
    });
    // An error is followed by the exit.
    thread.on('error', () => {});
    thread.once('exit', () => {
      // One that never signed would not do so the next time either.
      mayStart &&= isReady;
      isReady = false;
      thread = undefined;
      for (const row of underWay.splice(0)) signHere(row);
    });
    // The server's sockets keep the process alive while a request waits.
    thread.unref();
  }

  return {
    sign: inRows((row) => {
      if (row.texts.length < SHORTEST_ROW) return signHere(row);
      if (!thread && mayStart) start();
      if (!thread || !isReady) return signHere(row);
      underWay.push(row);
      const { alg, key, texts } = row;
      thread.postMessage({ alg, key, texts } satisfies SigningQuestion);
    }),
    async close() {
      mayStart = false;
      await thread?.terminate();
    },
  };
}

function settle(row: Row | undefined, signatures: readonly string[]): void {
  signatures.forEach((signature, index) => void row?.waiting[index]?.resolve(signature));
}

/** Collects the texts of one turn of the event loop, by key. */
function inRows(signRow: SignRow): Signer['sign'] {
  const rows = batchPerTurn<Row>((ready) => {
    for (const row of ready) signRow(row);
  });

  function rowOf(alg: SigningAlgorithm, key: KeyObject): Row {
    const known = rows.waiting().find((row) => row.key === key);
    if (known) return known;
    const row = { alg, key, texts: [], waiting: [] };
    rows.add(row);
    return row;
  }
  return (alg, key, text) =>
    new Promise((resolve, reject) => {
      const row = rowOf(alg, key);
      row.texts.push(text);
      row.waiting.push({ resolve, reject });
      if (row.texts.length >= LONGEST_ROW) rows.flush();
    });
}

function signHere({ alg, key, texts, waiting }: Row): void {
  texts.forEach((text, index) => {
    try {
      waiting[index]?.resolve(quickSignature(alg, key, text));
    } catch (error) {
      waiting[index]?.reject(error);
    }
  });
}
