/**
 * The pool, with what it lacks: a limit on waiting and working together, and doubt about every connection that was
 * there when one of them fell silent.
 */
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { StorageUnavailableError } from '../database.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { asUnavailable, codeOf, isLost, isStalePlan } from './errors.ts';

const READ_ONLY = '25006';
/** Whoever was heard within this lives: a server answers a statement by then, or takes it back (statement_timeout). */
const SILENT_MS = 1500;

export interface Lease {
  readonly connection: pg.PoolClient;
  /** The work on it may take as long as it takes. */
  liftLimit(): void;
  /** It does not go back to the pool. */
  discard(): void;
}

export interface Connections {
  /**
   * Runs `use` on a connection. Throws {@link StorageUnavailableError} where there is none, where it breaks, and
   * after `limitMs` in all, waiting included.
   */
  lend<Result>(limitMs: number, use: (lease: Lease) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** `onConnect` is said once on each connection. */
export function createConnections(config: pg.PoolConfig, onConnect: string | undefined): Connections {
  const pool = new pg.Pool({ ...config, Client: Caller });
  const born = new WeakMap<pg.PoolClient, number>();
  const sockets = new Set<Duplex>();
  const heardAtMs = new WeakMap<pg.PoolClient, number>();
  /** Connections of an earlier generation are not used again. */
  let generation = 0;

  // A connection that breaks is replaced by the pool, and whoever waits for an answer on it is told there.
  pool.on('error', () => {});
  pool.on('connect', (connection) => {
    connection.on('error', () => {});
    if (onConnect !== undefined) connection.query(onConnect).catch(() => {});
    born.set(connection, generation);
    const socket = socketOf(connection);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', () => heardAtMs.set(connection, performance.now()));
  });

  async function take(deadline: Deadline): Promise<pg.PoolClient> {
    for (;;) {
      const connection = await waitFor(pool, deadline);
      if ((born.get(connection) ?? 0) === generation) return connection;
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
      // The server gives up earlier by itself: this one does not hear us, and the others may not either. One that
      // answers, and had too much to do or was tried again and again, says nothing of the others.
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
      // One whose server is gone would wait for a farewell.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Where a client gives up by itself, as for want of a password, pg leaves its socket open until the server tires of
 * it: a minute, for which a command would not end.
 */
class Caller extends pg.Client {
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

/** One that comes after the deadline goes back at once. */
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

/** Host and port as pg reads them, without what else the URL holds. */
function addressOf(config: pg.PoolConfig): string {
  const { host, port } = new pg.Client(config);
  return `${host}:${port}`;
}

/** pg keeps it, and types it not. */
function socketOf(connection: pg.ClientBase): Duplex {
  return (connection as unknown as { connection: { stream: Duplex } }).connection.stream;
}
