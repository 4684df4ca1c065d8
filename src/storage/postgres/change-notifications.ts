/**
 * Follows what other processes change, on a connection of its own: woken by NOTIFY, and asking four times a second
 * beside it, because a connection whose other end is gone says nothing, and some engines have no NOTIFY, or a pooler
 * that keeps it from us.
 */
import pg from 'pg';
import type { Following, Reader } from '../database.ts';
import type { Statements } from './statements.ts';

export const CHANNEL = 'gatehouse_changes';

const ASK_EVERY_MS = 250;
/** Together with {@link ASK_EVERY_MS} below a second: nobody goes longer than that on what is no longer so. */
const ANSWER_WITHIN_MS = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

export interface FollowedState<State> {
  readonly config: pg.ClientConfig;
  readonly statements: Statements;
  readonly hasNotify: (reader: Reader) => Promise<boolean>;
  readonly read: (reader: Reader) => Promise<State>;
  /** Told each state that was read, and undefined where it is unknown and must be asked for. */
  readonly tell: (state: State | undefined) => void;
}

export interface Follower extends Following {
  /** This process changed the state itself. */
  changed(): void;
}

/**
 * Starts at once and runs until it is closed. It never throws: when the connection fails it calls `tell(undefined)` and
 * connects again after 0.1 to 2 s.
 */
export function follow<State>(followed: FollowedState<State>): Follower {
  const { config, statements, hasNotify, read, tell } = followed;
  let isClosed = false;
  /** What was read before a change of ours is not told after it. */
  let changes = 0;
  let wake = () => {};
  let client: pg.Client | undefined;

  async function connect(): Promise<pg.Client> {
    client = new pg.Client({ ...config, query_timeout: ANSWER_WITHIN_MS });
    client.on('error', () => {});
    client.on('notification', () => wake());
    await client.connect();
    if (await hasNotify(statements.readerOn(client))) await client.query(`LISTEN ${CHANNEL}`);
    return client;
  }

  /** Until the connection fails. */
  async function watch(connected: pg.Client, isWell: () => void): Promise<void> {
    const reader = statements.readerOn(connected);
    while (!isClosed) {
      const before = changes;
      const woken = pause(ASK_EVERY_MS);
      const state = await read(reader);
      isWell();
      if (before !== changes) continue;
      tell(state);
      await woken;
    }
  }

  /** Ends early where something wakes it. */
  function pause(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!isClosed) {
      try {
        await watch(await connect(), () => {
          pauseMs = FIRST_PAUSE_MS;
        });
      } catch {
        // Told below; the questions that follow say what is wrong.
      }
      tell(undefined);
      hangUp(client);
      if (!isClosed) await pause(pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }

  const ended = run();
  return {
    changed() {
      changes += 1;
      tell(undefined);
      wake();
    },
    async close() {
      isClosed = true;
      wake();
      hangUp(client);
      await ended;
    },
  };
}

/** By its socket alone: after end(), pg never settles a connect() that is under way. */
function hangUp(client: pg.Client | undefined): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } } | undefined
  )?.connection.stream.destroy();
}
