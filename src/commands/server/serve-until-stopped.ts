/** One server in this process, from its start to the last answer. */
import type { Settings } from '../../config/schema.ts';
import { fileOfDatabase } from '../../storage/index.ts';
import { bytesOf } from '../../storage/sqlite/file-checks.ts';
import { explain } from '../open-gatehouse.ts';
import { createServerLog } from './log.ts';
import { adviseAtStart } from './start-warnings.ts';

export interface ServerHooks {
  /** So many processes of this machine serve together. */
  readonly processes?: number;
  /** Members of every log line. */
  readonly logged?: object;
  /** The server answers; `isNew`: there was no database before. */
  readonly onListening: (isNew: boolean) => void;
  /** What /metrics says; `own` is what this process counted. */
  readonly gatherMetrics?: (own: () => Promise<string>) => () => Promise<string>;
}

/**
 * Serves until SIGTERM or SIGINT; then finishes every request that it accepted. Throws CommandError where it cannot
 * begin.
 */
export async function serveUntilStopped(settings: Settings, hooks: ServerHooks): Promise<void> {
  const stopped = waitForStop();
  const [{ buildGatehouse }, { createApp }, { listen, tryListening }] = await Promise.all([
    import('../../gatehouse.ts'),
    import('../../http/app.ts'),
    import('../../http/listen.ts'),
  ]);
  const log = createServerLog(settings, hooks.logged);
  await tryFirst(settings, tryListening).catch(explain);
  const built = await buildGatehouse(settings, { log, serverProcesses: hooks.processes ?? 1 }).catch(explain);
  const open = async (assembled: typeof built) => listen(createApp(assembled), assembled);
  const own = () => built.metrics.text();
  const text = hooks.gatherMetrics?.(own) ?? own;
  const gatehouse = { ...built, metrics: { ...built.metrics, text } };
  const server = await open(gatehouse).catch(async (error) => {
    await gatehouse.close();
    return explain(error);
  });
  // Of several processes the first one says it.
  if (hooks.processes === undefined) await adviseAtStart(gatehouse);
  passOverMoreSignals();
  hooks.onListening(gatehouse.isNew);
  await stopped;
  log.info({}, 'stopping: finishing the requests under way');
  await server.close();
  await gatehouse.close();
  await log.end();
}

/** What cannot be served leaves no database and no key in a folder that was perhaps the wrong one. */
async function tryFirst(
  settings: Settings,
  tryListening: (settings: Settings) => Promise<void>,
): Promise<void> {
  const file = fileOfDatabase(settings.database);
  const isNew = file !== undefined && bytesOf(file) === undefined;
  if (isNew || settings.newMasterKey) await tryListening(settings);
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves at the first signal to stop. */
export function waitForStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}

/**
 * From when requests are answered on: systemd, a terminal and npm signal every process of a group, and the first process
 * signals its workers too. A second signal would cut off what the first one lets finish (drain_seconds bounds that).
 */
export function passOverMoreSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => {});
}
