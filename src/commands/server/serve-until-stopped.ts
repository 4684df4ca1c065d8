/** Runs one server in this process, from its start to its last answer. */
import type { Settings } from '../../config/settings-schema.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { bytesOf } from '../../storage/sqlite/file-checks.ts';
import { explain } from '../explain-correctable-errors.ts';
import { ignoreFurtherSignals, waitForStop } from './first-stop-signal-only.ts';
import { createServerLog } from './log.ts';
import { warnAtStart } from './warnings-at-server-start.ts';

export interface ServerHooks {
  /** How many processes of this machine serve together. */
  readonly processes?: number;
  /** Additional members of every log line. */
  readonly logged?: object;
  /** Called when the server answers requests; `isNew` says that there was no database before. */
  readonly onListening: (isNew: boolean) => void;
  /** Gives the text of /metrics; `own` gives the metrics of this process. */
  readonly gatherMetrics?: (own: () => Promise<string>) => () => Promise<string>;
}

/**
 * Serves until SIGTERM or SIGINT, then finishes every accepted request. Throws CommandError where the server cannot
 * start.
 */
export async function serveUntilStopped(settings: Settings, hooks: ServerHooks): Promise<void> {
  const stopped = waitForStop();
  const [{ buildGatehouse }, { createApp }, { listen, tryListening }] = await Promise.all([
    import('../../gatehouse.ts'),
    import('../../http/app.ts'),
    import('../../http/listen.ts'),
  ]);
  const log = createServerLog(settings, hooks.logged);
  await refuseUnusableAddress(settings, tryListening).catch(explain);
  const built = await buildGatehouse(settings, { log, serverProcesses: hooks.processes ?? 1 }).catch(explain);
  const open = async (assembled: typeof built) => listen(createApp(assembled), assembled);
  const own = () => built.metrics.text();
  const text = hooks.gatherMetrics?.(own) ?? own;
  const gatehouse = { ...built, metrics: { ...built.metrics, text } };
  const server = await open(gatehouse).catch(async (error) => {
    await gatehouse.close();
    return explain(error);
  });
  // Of several processes, only the first one warns.
  if (hooks.processes === undefined) await warnAtStart(gatehouse);
  ignoreFurtherSignals();
  hooks.onListening(gatehouse.isNew);
  await stopped;
  log.info({}, 'stopping: finishing the requests under way');
  await server.close();
  await gatehouse.close();
  await log.end();
}

/**
 * Tries the address before a new database or key is created, so that a failed start leaves none in what may be the
 * wrong folder.
 */
async function refuseUnusableAddress(
  settings: Settings,
  tryListening: (settings: Settings) => Promise<void>,
): Promise<void> {
  const file = fileOfDatabase(settings.database);
  const isNew = file !== undefined && bytesOf(file) === undefined;
  if (isNew || settings.newMasterKey) await tryListening(settings);
}
