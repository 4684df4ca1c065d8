/**
 * Files and folders that only their owner may access. What root makes is given to the owner of the folder, who will
 * use it.
 */
import { closeSync, fchmodSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { changeDescriptorOwner, changeOwner, ownerOf } from './change-file-owner.ts';

/** The mode is 0600 from the first byte on. Throws EEXIST if the path exists. */
export function createPrivateFile(file: string, content: string | Buffer = ''): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    // The umask may have removed bits from the mode above.
    fchmodSync(descriptor, 0o600);
    changeDescriptorOwner(descriptor, ownerOf(dirname(file)));
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/** The mode is 0700. Throws EEXIST if the path exists. */
export function createPrivateFolder(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  changeOwner(directory, ownerOf(dirname(directory)));
}
