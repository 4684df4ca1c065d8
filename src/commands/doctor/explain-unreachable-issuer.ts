/** Why no answer came from the issuer. */
import type { Settings } from '../../config/settings-schema.ts';
import { AnswerError } from '../bounded-http-client.ts';
import { answersHere } from '../server-readiness.ts';
import { type Finding, fail } from './check.ts';
import { unlessFormerIssuer } from './explain-by-former-issuer.ts';

/**
 * Turns an unexpected answer into a finding, whose fix is at the server, or at DNS and proxy where the server answers
 * on this machine.
 */
export async function explainAnswer(settings: Settings, error: unknown): Promise<Finding> {
  if (!(error instanceof AnswerError)) throw error;
  const { host, port } = settings.listen;
  const fix = (await answersHere(settings))
    ? `the server answers on this machine (${host}:${port}): mend the way to it, which is DNS, proxy, certificate or the clock of this machine`
    : `nothing answers at ${host}:${port} on this machine: start the server (gatehouse serve), or look where it runs`;
  return unlessFormerIssuer(settings, fail(error.message, fix));
}
