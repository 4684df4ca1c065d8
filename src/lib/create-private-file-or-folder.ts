/**
 * Files and folders that only their owner may access. What root makes is given to the owner of the folder, who will
 * use it.
 */
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

/** The owner; undefined if the path does not exist. */
export function ownerOf(path: string): Owner | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { uid: stats.uid, gid: stats.gid };
}

/** The mode is 0600 from the first byte on. Throws EEXIST if the path exists. */
export function createPrivateFile(file: string, text = ''): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    // The umask may have removed bits from the mode above.
    fchmodSync(descriptor, 0o600);
    changeDescriptorOwner(descriptor, ownerOf(dirname(file)));
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** The mode is 0700. Throws EEXIST if the path exists. */
export function createPrivateFolder(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  changeOwner(directory, ownerOf(dirname(directory)));
}

/** Does nothing unless the process runs as root, which alone can change the owner of a file or a folder. */
export function changeOwner(path: string, owner: Owner | undefined): void {
  if (!isRoot()) return;
  // O_NOFOLLOW: the owner of the folder may have put a link there meanwhile, to another user's file.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    changeDescriptorOwner(descriptor, owner);
  } finally {
    closeSync(descriptor);
  }
}

function changeDescriptorOwner(descriptor: number, owner: Owner | undefined): void {
  if (!isRoot() || !owner) return;
  const stats = fstatSync(descriptor);
  // One of several hard links may be a file that belongs to root.
  if (!stats.isDirectory() && stats.nlink > 1) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch {
    // In a container with a user namespace, ids from outside it cannot be set.
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
