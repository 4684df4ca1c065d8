/** Is the issuer reachable, and what it says of itself true? */
import type { House } from '../../gatehouse.ts';
import { type Check, fail, pass, warn } from './check.ts';

const TIMEOUT_MS = 5000;
const CLOCK_TOLERANCE_MS = 5000;

function get(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function unreachable(url: string, error: unknown) {
  const cause = String((error as Error).cause ?? error);
  return fail(`${url}: ${cause}`, 'start the server (gatehouse serve), or mend DNS, proxy or certificate');
}

export const issuerCheck: Check = {
  name: 'issuer',
  async run({ settings }: House) {
    const url = `${settings.issuer}/.well-known/openid-configuration`;
    try {
      const document = (await (await get(url)).json()) as { issuer?: string };
      if (document.issuer === settings.issuer) return pass(`${url} answers and names ${settings.issuer}`);
      return fail(
        `${url} names ${document.issuer}`,
        `another server answers there; set issuer to ${document.issuer}`,
      );
    } catch (error) {
      return unreachable(url, error);
    }
  },
};

export const jwksCheck: Check = {
  name: 'jwks',
  async run({ settings, keys }: House) {
    const url = `${settings.issuer}/jwks`;
    try {
      const served = ((await (await get(url)).json()) as { keys: { kid: string }[] }).keys.map(
        (key) => key.kid,
      );
      const missing = (await keys.published()).filter((key) => !served.includes(key.kid ?? ''));
      if (missing.length === 0) return pass(`${url} serves ${served.length} keys`);
      return fail(
        `${url} lacks ${missing.map((key) => key.kid).join(', ')}`,
        'purge what caches /jwks, then check again',
      );
    } catch (error) {
      return unreachable(url, error);
    }
  },
};

export const clockCheck: Check = {
  name: 'clock',
  async run({ settings, clock }: House) {
    const url = `${settings.issuer}/health/live`;
    try {
      const served = Date.parse((await get(url)).headers.get('date') ?? '');
      const differenceMs = Math.abs(clock.nowMs() - served);
      if (differenceMs <= CLOCK_TOLERANCE_MS) return pass(`this machine and ${url} agree within 5 s`);
      return warn(
        `${url} is ${Math.round(differenceMs / 1000)} s away from this machine`,
        'run a time service (chrony) on both',
      );
    } catch (error) {
      return unreachable(url, error);
    }
  },
};
