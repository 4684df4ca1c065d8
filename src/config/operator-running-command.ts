/** Who runs a command, for the audit log. */
import { userInfo } from 'node:os';
import type { Source } from './load-settings.ts';

/** The system user who runs a command; with sudo, also the user that sudo names. */
export function operatorName(environment: Source['environment'] = process.env): string {
  const { SUDO_USER } = environment;
  const through = SUDO_USER === undefined || SUDO_USER === '' ? '' : ` (sudo ${SUDO_USER.slice(0, 64)})`;
  return `os:${ownName()}${through}`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in a container.
    return `uid ${process.geteuid?.()}`;
  }
}
