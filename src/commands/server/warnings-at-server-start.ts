import type { Gatehouse } from '../../gatehouse.ts';
import { openFileLimit } from '../../lib/open-file-limit.ts';
import { logClearText } from '../../oauth/clients/clear-text-redirect-warning.ts';
import { lackOfFiles } from './open-files-for-max-connections.ts';

/** Logs warnings once when a server starts; of several processes, only the first one does. */
export async function warnAtStart(gatehouse: Gatehouse): Promise<void> {
  const lack = lackOfFiles(gatehouse.settings, openFileLimit());
  if (lack) gatehouse.log.warn({ remedy: lack.remedy }, `this process ${lack.seen}`);
  await logClearText(gatehouse);
}
