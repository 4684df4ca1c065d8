/** Gives a file that root made to the user whose folder it is in. */
import { closeSync, constants, fchownSync, fstatSync, openSync, statSync } from 'node:fs';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The owner; undefined if the path does not exist. */
export function ownerOf(path: string): Owner | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { uid: stats.uid, gid: stats.gid };
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

/** As {@link changeOwner}, of an open file. */
export function changeDescriptorOwner(descriptor: number, owner: Owner | undefined): void {
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
