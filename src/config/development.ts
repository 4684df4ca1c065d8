import { adviseOfMissingKey } from './missing-key.ts';
import type { ParsedSettings } from './schema.ts';
import { strangersOf } from './strangers.ts';

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Development mode is exactly: an http issuer on a loopback host. */
export function isDevelopment(issuer: string): boolean {
  const url = new URL(issuer);
  return url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname);
}

/** Why these settings may not serve in production; each sentence says which line to write. Empty: they may. */
export function unsafeSettings(settings: ParsedSettings, dataDirectory: string | undefined): string[] {
  if (isDevelopment(settings.issuer)) return [];
  const findings: string[] = [];
  if (!settings.issuer.startsWith('https://')) {
    findings.push(
      `The issuer is ${settings.issuer}: outside of this machine it must be https. ` +
        `Write: issuer: ${settings.issuer.replace(/^http:/, 'https:')}`,
    );
  }
  if (settings.master_key === undefined) findings.push(adviseOfMissingKey(settings.database));
  const strangers = dataDirectory === undefined ? undefined : strangersOf(dataDirectory);
  if (strangers !== undefined) {
    findings.push(
      `Others may look into ${dataDirectory}: ${strangers}. Write: chmod 700 ${dataDirectory}, ` +
        "or chmod 770 where its group is this process's own",
    );
  }
  return findings;
}
