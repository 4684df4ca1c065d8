/**
 * Follows changes by other processes, on a connection of its own. NOTIFY wakes it; it also reads four times a second,
 * because a broken connection delivers nothing, some engines have no NOTIFY, and some poolers do not forward it.
 */
import pg from 'pg';
import type { Following, Reader } from '../database.ts';
import type { Statements } from './run-prepared-statements.ts';

export const CHANNEL = 'gatehouse_changes';

const ASK_EVERY_MS = 250;
/** Together with {@link ASK_EVERY_MS} below one second: the longest time for which an outdated state is used. */
const ANSWER_WITHIN_MS = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

export interface FollowedState<State> {
  readonly config: pg.ClientConfig;
  readonly statements: Statements;
  readonly hasNotify: (reader: Reader) => Promise<boolean>;
  readonly read: (reader: Reader) => Promise<State>;
  /** Called with each state that was read, and with undefined when it is unknown and callers must read it. */
  readonly tell: (state: State | undefined) => void;
}

export interface Follower extends Following {
  /** Call it when this process changed the state itself. */
  changed(): void;
}

/**
 * Starts at once and runs until it is closed. It never throws: when the connection fails it calls `tell(undefined)` and
 * connects again after 0.1 to 2 s.
 */
export function follow<State>(followed: FollowedState<State>): Follower {
  const { config, statements, hasNotify, read, tell } = followed;
  let isClosed = false;
  /** Counts our own changes: a state that was read before one is not passed on after it. */
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

  /** Reads again and again until the connection fails. */
  async function watch(connected: pg.Client, onRead: () => void): Promise<void> {
    const reader = statements.readerOn(connected);
    while (!isClosed) {
      const before = changes;
      const woken = pause(ASK_EVERY_MS);
      const state = await read(reader);
      onRead();
      if (before !== changes) continue;
      tell(state);
      await woken;
    }
  }

  /** Ends early when `wake` is called. */
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
        // Followers are notified below; their own reads then report the error.
      }
      tell(undefined);
      destroySocket(client);
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
      destroySocket(client);
      await ended;
    },
  };
}

/** Destroys the socket instead of calling end(), after which pg never settles a pending connect(). */
function destroySocket(client: pg.Client | undefined): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } } | undefined
  )?.connection.stream.destroy();
}
