/** Where the kernel lets a process open less than `max_connections`, it resets whoever comes, before any bound of ours holds. */
import type { Settings } from '../../config/schema.ts';

/** Beside the connections: those of the database and of requests to apps, and files. */
const OTHERS = 200;
const FEWEST_CONNECTIONS = 16;

interface Lack {
  /** Said behind who it is. */
  readonly seen: string;
  readonly remedy: string;
}

/** undefined where there is enough. */
export function lackOfFiles(
  { max_connections }: Pick<Settings, 'max_connections'>,
  most: number | undefined,
): Lack | undefined {
  const needed = max_connections + OTHERS;
  if (most === undefined || most >= needed) return undefined;
  const fewer = most - OTHERS;
  const orFewer = fewer < FEWEST_CONNECTIONS ? '' : `, or write max_connections: ${fewer}`;
  return {
    seen:
      `may open ${most} files and sockets, and max_connections is ${max_connections}: ` +
      'once all are taken, everybody who comes is reset, and one address can take them',
    remedy: `allow ${needed} (LimitNOFILE=${needed} in its unit, --ulimit nofile=${needed} of docker run)${orFewer}`,
  };
}
