/**
 * Where the limit of open files is below `max_connections`, the kernel resets new connections before any bound of ours
 * applies.
 */
import type { Settings } from '../../config/settings-schema.ts';

/** Descriptors for other uses than connections of clients: the database, requests to apps, and files. */
const OTHER_DESCRIPTORS = 200;
const FEWEST_CONNECTIONS = 16;

interface Lack {
  /** Follows the name of the process in a sentence. */
  readonly seen: string;
  readonly remedy: string;
}

/** What is missing of the limit `most` for `max_connections`; undefined where it is enough, or not known. */
export function lackOfFiles(
  { max_connections }: Pick<Settings, 'max_connections'>,
  most: number | undefined,
): Lack | undefined {
  const needed = max_connections + OTHER_DESCRIPTORS;
  if (most === undefined || most >= needed) return undefined;
  const fewer = most - OTHER_DESCRIPTORS;
  const orFewer = fewer < FEWEST_CONNECTIONS ? '' : `, or write max_connections: ${fewer}`;
  return {
    seen:
      `may open ${most} files and sockets, and max_connections is ${max_connections}: ` +
      'once all are taken, everybody who comes is reset, and one address can take them',
    remedy: `allow ${needed} (LimitNOFILE=${needed} in its unit, --ulimit nofile=${needed} of docker run)${orFewer}`,
  };
}
