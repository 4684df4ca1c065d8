/**
 * serve --workers N: the first process opens the listening socket, the others accept from it and answer. It prepares the
 * database before they start, replaces a worker that exits, and forwards the signal to stop.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Settings } from '../../config/settings-schema.ts';
import type { Logger } from '../../lib/log.ts';
import { CommandError } from '../command-error.ts';
import { explain } from '../explain-correctable-errors.ts';
import { ignoreFurtherSignals, waitForStop } from './first-stop-signal-only.ts';
import { createServerLog } from './log.ts';
import { createMetricsHub, gatherMetrics, type WorkerMessage } from './merge-worker-metrics.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';
import { warnAtStart } from './warnings-at-server-start.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** A worker that ran for this long did not fail because of its start. */
const STEADY_MS = 30_000;

/** Time beyond drain_seconds, to close the database. */
const MORE_TO_STOP_MS = 5000;

interface SupervisedWorker {
  readonly number: number;
  /** The current process; undefined between an exit and its replacement. */
  readonly process: Worker | undefined;
  /** Resolves when the worker answers for the first time; rejects where it exits before. */
  readonly started: Promise<void>;
  /** Drains the worker; true where it exited normally. After `limitMs` it is killed. */
  stop(limitMs: number): Promise<boolean>;
}

interface SupervisionParts {
  readonly log: Logger;
  readonly receive: (worker: Worker, number: number, message: WorkerMessage) => void;
}

/** In a worker: serves, and sends the first process a message once it answers. */
export async function serveAsWorker(settings: Settings, count: number): Promise<void> {
  await serveUntilStopped(settings, {
    processes: count,
    logged: { worker: process.pid },
    onListening: () => void process.send?.({ kind: 'listening' } satisfies WorkerMessage),
    gatherMetrics,
  });
  cluster.worker?.disconnect();
}

/** Runs until SIGTERM or SIGINT. Throws CommandError where a worker cannot start, or does not exit normally. */
export async function superviseWorkers(
  settings: Settings,
  count: number,
  greet: (isNew: boolean) => void,
): Promise<void> {
  const stopped = waitForStop();
  // With round robin, Node's default, this process would accept connections without a bound and queue them for the workers.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const log = createServerLog(settings, undefined);
  const isNew = await prepare(settings, log);
  const hub = createMetricsHub(() => new Map(workers.map((worker) => [worker.number, worker.process])));
  const parts = { log, receive: hub.receive };
  const workers = Array.from({ length: count }, (_, index) => superviseWorker(index + 1, parts));
  const stop = async () => {
    const limitMs = settings.drain_seconds * 1000 + MORE_TO_STOP_MS;
    const endings = await Promise.all(workers.map((worker) => worker.stop(limitMs)));
    return endings.every(Boolean);
  };
  const started = Promise.all(workers.map((worker) => worker.started));
  const isUp = await Promise.race([started.then(() => true), stopped.then(() => false)]).catch(
    async (error) => {
      await stop();
      throw error;
    },
  );
  if (isUp) {
    ignoreFurtherSignals();
    greet(isNew);
  }
  await stopped;
  log.info({}, 'stopping: the workers finish the requests under way');
  if (!(await stop())) throw new CommandError(1, 'not every worker stopped well; its log says why');
  await log.end();
}

/** Applies migrations and maintains keys, once, before any worker serves. */
async function prepare(settings: Settings, log: Logger): Promise<boolean> {
  const { buildGatehouse } = await import('../../gatehouse.ts');
  const gatehouse = await buildGatehouse(settings, { log }).catch(explain);
  await warnAtStart(gatehouse);
  await gatehouse.close();
  return gatehouse.isNew;
}

/** Keeps one worker running: replaces it when it exits, after a pause that doubles each time. */
function superviseWorker(number: number, { log, receive }: SupervisionParts): SupervisedWorker {
  const started = createPromise<void>();
  const ended = createPromise<boolean>();
  let isStarted = false;
  let isListening = false;
  let isStopping = false;
  let pauseMs = FIRST_PAUSE_MS;
  let again: NodeJS.Timeout | undefined;
  let worker: Worker | undefined;

  function start(): void {
    const startedMs = performance.now();
    const fresh = cluster.fork();
    worker = fresh;
    isListening = false;
    fresh.on('message', (message: WorkerMessage) => {
      if (message.kind !== 'listening') return receive(fresh, number, message);
      isStarted = true;
      isListening = true;
      started.resolve();
    });
    fresh.on('error', (error) => log.warn({ worker: number, error: String(error) }, 'a worker is not heard'));
    fresh.on('exit', (code, signal) => {
      worker = undefined;
      if (isStopping) return ended.resolve(code === 0 || (signal === 'SIGTERM' && !isListening));
      if (!isStarted) return started.reject(new CommandError(1, 'a worker could not start'));
      if (performance.now() - startedMs > STEADY_MS) pauseMs = FIRST_PAUSE_MS;
      log.error({ worker: number, code, signal, pauseMs }, 'a worker died; another takes its place');
      again = setTimeout(start, pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    });
  }

  start();
  return {
    number,
    get process() {
      return worker;
    },
    started: started.promise,
    async stop(limitMs) {
      isStopping = true;
      clearTimeout(again);
      if (!worker) return true;
      worker.process.kill('SIGTERM');
      const overdue = setTimeout(() => worker?.process.kill('SIGKILL'), limitMs);
      const isWell = await ended.promise;
      clearTimeout(overdue);
      return isWell;
    },
  };
}

interface OpenPromise<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

function createPromise<Value>(): OpenPromise<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((toResolve, toReject) => {
    resolve = toResolve;
    reject = toReject;
  });
  return { promise, resolve, reject };
}
