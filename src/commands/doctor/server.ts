/** Checks of the server at its issuer: reachable, and consistent with the settings. */
import { z } from 'zod';
import type { Settings } from '../../config/settings-schema.ts';
import type { Gatehouse } from '../../gatehouse.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { type Answer, AnswerError, ask, authorityOf, readAnswer } from '../ask-server.ts';
import { answersHere } from '../server-readiness.ts';
import { type Check, type Finding, fail, type OutsideCheck, pass, warn } from './check.ts';
import { unlessFormerIssuer } from './running-with-former-issuer.ts';

const CLOCK_TOLERANCE_MS = 5000;

const documentSchema = z.object({ issuer: z.string() });
const liveSchema = z.object({ time: z.string().optional() });
const jwksSchema = z.object({ keys: z.array(z.object({ kid: z.string().optional() })) });

function get(settings: Settings, path: string): Promise<Answer> {
  return ask(settings.issuer + path, { authority: authorityOf(settings) });
}

/**
 * Turns an unexpected answer into a finding, whose fix is at the server, or at DNS and proxy where the server answers
 * on this machine.
 */
async function explain(settings: Settings, error: unknown): Promise<Finding> {
  if (!(error instanceof AnswerError)) throw error;
  const { host, port } = settings.listen;
  const fix = (await answersHere(settings))
    ? `the server answers on this machine (${host}:${port}): mend the way to it, which is DNS, proxy, certificate or the clock of this machine`
    : `nothing answers at ${host}:${port} on this machine: start the server (gatehouse serve), or look where it runs`;
  return unlessFormerIssuer(settings, fail(error.message, fix));
}

export const issuerCheck: OutsideCheck = {
  name: 'issuer',
  async look(settings) {
    const { issuer } = settings;
    const path = '/.well-known/openid-configuration';
    try {
      const document = readAnswer(await get(settings, path), documentSchema);
      if (document.issuer === issuer) return pass(`${issuer}${path} answers and names ${issuer}`);
      const fix = `another server answers there: set issuer to ${document.issuer}, or have ${issuer} lead to this one`;
      return unlessFormerIssuer(settings, fail(`${issuer}${path} names ${document.issuer}`, fix));
    } catch (error) {
      return (await findStrippedPath(settings, path)) ?? explain(settings, error);
    }
  },
};

/** A proxy that strips the path of the issuer answers at a URL that has the path twice. */
async function findStrippedPath(settings: Settings, path: string): Promise<Finding | undefined> {
  const { issuer, basePath } = settings;
  if (basePath === '') return undefined;
  try {
    const document = readAnswer(await get(settings, basePath + path), documentSchema);
    if (document.issuer !== issuer) return undefined;
  } catch {
    return undefined;
  }
  return fail(
    `the proxy takes the path ${basePath} away: the server would answer at ${issuer}${basePath}${path}`,
    `have it pass the whole path on (nginx: proxy_pass with no path and no slash after the port; Caddy: handle, not handle_path)`,
  );
}

/** RFC 8414 §3.1: for an issuer with a path, clients ask at /.well-known/…/path, which a proxy may not pass on. */
export const wellKnownCheck: OutsideCheck = {
  name: 'well-known',
  async look(settings) {
    const { issuer, basePath } = settings;
    if (basePath === '') return pass('the issuer has no path');
    const { origin } = new URL(issuer);
    const place = `/.well-known/oauth-authorization-server${basePath}`;
    try {
      const answer = await ask(origin + place, { authority: authorityOf(settings) });
      const document = readAnswer(answer, documentSchema);
      if (document.issuer === issuer) return pass(`${origin}${place} answers and names ${issuer}`);
      return unlessFormerIssuer(settings, warn(`${origin}${place} names ${document.issuer}`, PASS_ON));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return unlessFormerIssuer(settings, warn(error.message, PASS_ON));
    }
  },
};

const PASS_ON =
  'have the proxy pass it on to this server as it came (docs/how-to/production.md); some apps look there alone';

export const jwksCheck: Check = {
  name: 'jwks',
  async run({ settings, keys }: Gatehouse) {
    const url = `${settings.issuer}/jwks`;
    try {
      const served = readAnswer(await get(settings, '/jwks'), jwksSchema).keys.map(({ kid }) => kid);
      const missing = (await keys.published()).filter((key) => !served.includes(key.kid ?? ''));
      if (missing.length === 0) return pass(`${url} serves ${served.length} keys`);
      return fail(
        `${url} lacks ${missing.map((key) => key.kid).join(', ')}`,
        'purge what caches /jwks, then check again; where another server answers there, mend the issuer',
      );
    } catch (error) {
      return explain(settings, error);
    }
  },
};

/** The server's own time. A proxy such as nginx replaces the Date header by its own. */
function readServerTime(answer: Answer): string | undefined {
  try {
    return readAnswer(answer, liveSchema).time;
  } catch {
    return undefined;
  }
}

const OLDER = 'start the server anew: it is older than this command';

export const clockCheck: OutsideCheck = {
  name: 'clock',
  async look(settings) {
    const url = `${settings.issuer}/health/live`;
    try {
      const answer = await get(settings, '/health/live');
      const served = Date.parse(readServerTime(answer) ?? answer.headers.date ?? '');
      if (Number.isNaN(served)) return warn(`${url} does not say what time it is`, OLDER);
      const differenceMs = Math.abs(systemClock.nowMs() - served);
      if (differenceMs <= CLOCK_TOLERANCE_MS) return pass(`this machine and ${url} agree within 5 s`);
      return warn(
        `${url} is ${Math.round(differenceMs / 1000)} s away from this machine`,
        'run a time service (chrony) on both',
      );
    } catch (error) {
      return explain(settings, error);
    }
  },
};
