/** Files and folders for their owner alone. What root makes belongs to whom the folder belongs, who is to use it. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whose it is; undefined where there is nothing. */
export function ownerOf(path: string): Owner | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { uid: stats.uid, gid: stats.gid };
}

/** Mode 0600 from the first byte. Throws EEXIST where there is something already. */
export function createPrivateFile(file: string, text = ''): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    // The mode above is less what umask takes away.
    fchmodSync(descriptor, 0o600);
    giveDescriptor(descriptor, ownerOf(dirname(file)));
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Throws EEXIST where there is something already. */
export function createPrivateFolder(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  give(directory, ownerOf(dirname(directory)));
}

/** Root alone can give a file or a folder away; of anybody else it stays as it is. */
export function give(path: string, owner: Owner | undefined): void {
  if (!isRoot()) return;
  // A link that the folder's owner put there meanwhile leads to no file of somebody else.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    giveDescriptor(descriptor, owner);
  } finally {
    closeSync(descriptor);
  }
}

function giveDescriptor(descriptor: number, owner: Owner | undefined): void {
  if (!isRoot() || !owner) return;
  const stats = fstatSync(descriptor);
  // Of a file with several names one may be root's own.
  if (!stats.isDirectory() && stats.nlink > 1) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch {
    // In a container whose root is none outside, owners from outside cannot be had.
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
