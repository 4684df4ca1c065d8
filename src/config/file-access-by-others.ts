/** Who else may open a file or a folder. */
import { statSync } from 'node:fs';

/**
 * undefined if nobody else may, or the path does not exist. A group of this process does not count as others: Kubernetes
 * gives a volume to one of the supplementary groups (fsGroup).
 */
export function describeOtherAccess(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  if ((stats.mode & 0o007) !== 0) return `everybody on this machine (mode ${mode})`;
  if ((stats.mode & 0o070) === 0 || ownGroups().includes(stats.gid)) return undefined;
  return `the group ${stats.gid}, which this process is not in (mode ${mode})`;
}

/** The group ids of this process. The effective one is added, because getgroups(2) may leave it out. */
export function ownGroups(): readonly number[] {
  return [...(process.getgroups?.() ?? []), process.getegid?.() ?? 0];
}
