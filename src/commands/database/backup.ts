import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { backUp } from '../../storage/backup.ts';
import { explain } from '../open.ts';
import { print } from '../terminal.ts';
import { backupParts, type Options, refuseMissing } from './options.ts';

export async function backup(target: string, options: Options): Promise<void> {
  if (target === '-') return backupToOutput(options);
  const parts = await backupParts(options);
  refuseMissing(parts.url);
  await backUp(parts, target).catch(explain);
  print({ file: target, bytes: statSync(target).size }, options.json === true);
}

/** By a file of our own that nobody else can read: a backup is sound before its first byte leaves. */
async function backupToOutput(options: Options): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'));
  try {
    const file = join(directory, 'backup.db');
    const parts = await backupParts(options);
    refuseMissing(parts.url);
    await backUp(parts, file).catch(explain);
    await pipeline(createReadStream(file), process.stdout, { end: false });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
