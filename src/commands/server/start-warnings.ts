import type { Gatehouse } from '../../gatehouse.ts';
import { openFileLimit } from '../../lib/open-files.ts';
import { logClearText } from '../../oauth/clients/clear-text.ts';
import { lackOfFiles } from './file-limit.ts';

/** What a server says once when it starts; of several processes, the first one. */
export async function adviseAtStart(gatehouse: Gatehouse): Promise<void> {
  const lack = lackOfFiles(gatehouse.settings, openFileLimit());
  if (lack) gatehouse.log.warn({ remedy: lack.remedy }, `this process ${lack.seen}`);
  await logClearText(gatehouse);
}
