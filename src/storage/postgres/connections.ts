/**
 * The pool of pg, with two additions: one time limit on waiting and work together, and the replacement of all connections
 * when one of them stops answering.
 */
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { StorageUnavailableError } from '../storage-errors.ts';
import { asUnavailable, codeOf, isLost, isStalePlan } from './errors.ts';
import { type Deadline, startDeadline } from './work-deadline.ts';

const READ_ONLY = '25006';

/**
 * A connection that received data within this time works: by then a server answers a statement or cancels it
 * (statement_timeout).
 */
const SILENT_MS = 1500;

export interface Lease {
  readonly connection: pg.PoolClient;
  /** Removes the time limit for this work. */
  liftLimit(): void;
  /** Closes the connection afterwards instead of returning it to the pool. */
  discard(): void;
}

export interface Connections {
  /**
   * Runs `use` on a connection. Throws {@link StorageUnavailableError} if there is no connection, if it breaks, and after
   * `limitMs` in total, including the wait for a connection.
   */
  lend<Result>(limitMs: number, use: (lease: Lease) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** The SQL `onConnect` is run once on each connection. */
export function createConnections(config: pg.PoolConfig, onConnect: string | undefined): Connections {
  const pool = new pg.Pool({ ...config, Client: ClosingClient });
  const generationOf = new WeakMap<pg.PoolClient, number>();
  const sockets = new Set<Duplex>();
  const heardAtMs = new WeakMap<pg.PoolClient, number>();
  /** Connections of an earlier generation are not used again. */
  let generation = 0;

  // The pool replaces a broken connection, and a pending query on it is rejected.
  pool.on('error', () => {});
  pool.on('connect', (connection) => {
    connection.on('error', () => {});
    if (onConnect !== undefined) connection.query(onConnect).catch(() => {});
    generationOf.set(connection, generation);
    const socket = socketOf(connection);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', () => heardAtMs.set(connection, performance.now()));
  });

  async function take(deadline: Deadline): Promise<pg.PoolClient> {
    for (;;) {
      const connection = await waitFor(pool, deadline);
      if ((generationOf.get(connection) ?? 0) === generation) return connection;
      drop(connection);
    }
  }

  async function work<Result>(
    connection: pg.PoolClient,
    deadline: Deadline,
    use: (lease: Lease) => Promise<Result>,
  ): Promise<Result> {
    let isSound = true;
    const discard = () => {
      isSound = false;
    };
    const lentAtMs = performance.now();
    deadline.whenPassed(() => {
      // The server cancels a statement before this deadline, so a silent connection is broken, and the others may be too. If
      // the connection received data recently, the work was only too slow or retried too often: the others are kept.
      const lastMs = Math.max(lentAtMs, heardAtMs.get(connection) ?? 0);
      if (performance.now() - lastMs >= SILENT_MS) generation += 1;
      discard();
      socketOf(connection).destroy();
    });
    try {
      return await use({ connection, liftLimit: deadline.lift, discard });
    } catch (error) {
      if (isLost(error)) discard();
      if (isStalePlan(error) || codeOf(error) === READ_ONLY) generation += 1;
      throw deadline.hasPassed ? new StorageUnavailableError('the database does not answer in time') : error;
    } finally {
      deadline.lift();
      if (isSound) connection.release();
      else drop(connection);
    }
  }

  return {
    async lend(limitMs, use) {
      const deadline = startDeadline(limitMs);
      try {
        return await work(await take(deadline), deadline, use);
      } catch (error) {
        throw asUnavailable(error, () => addressOf(config));
      } finally {
        deadline.lift();
      }
    },
    async close() {
      await pool.end();
      // The socket to an unreachable server would wait for a reply to the termination message.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Destroys the socket when connecting fails in the client, as without a password: pg leaves it open until the server closes
 * it, and a command would not exit for a minute.
 */
class ClosingClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error | null) => void): void;
  override connect(callback?: (error: Error | null) => void): Promise<pg.Client> | undefined {
    if (callback === undefined) return super.connect() as Promise<pg.Client>;
    super.connect((error: Error | null) => {
      if (error) socketOf(this).destroy();
      callback(error);
    });
    return undefined;
  }
}

/** A connection that becomes free after the deadline is released at once. */
function waitFor(pool: pg.Pool, deadline: Deadline): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    deadline.whenPassed(() =>
      reject(new StorageUnavailableError('the database does not answer, or every connection to it is busy')),
    );
    pool
      .connect()
      .then((connection) => (deadline.hasPassed ? connection.release() : resolve(connection)), reject);
  });
}

function drop(connection: pg.PoolClient): void {
  connection.release(true);
  socketOf(connection).destroy();
}

/** Host and port as pg reads them from the URL, without its other parts. */
function addressOf(config: pg.PoolConfig): string {
  const { host, port } = new pg.Client(config);
  return `${host}:${port}`;
}

/** pg has the socket, but its types do not. */
function socketOf(connection: pg.ClientBase): Duplex {
  return (connection as unknown as { connection: { stream: Duplex } }).connection.stream;
}
