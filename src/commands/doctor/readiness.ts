/** Checks whether the server itself says that it is ready: files and endpoints may be right although users cannot sign in. */
import type { Settings } from '../../config/settings-schema.ts';
import { AnswerError } from '../bounded-http-client.ts';
import { askReadiness, describeUnready, NOT_READY, READY, type Readiness } from '../server-readiness.ts';
import { fail, type OutsideCheck, pass } from './check.ts';
import { unlessFormerIssuer } from './explain-by-former-issuer.ts';

const ISSUER_FIRST = 'mend what the check of the issuer says first';

export const readinessCheck: OutsideCheck = {
  name: 'readiness',
  async look(settings) {
    try {
      const readiness = (await findHere(settings)) ?? (await askReadiness(settings, 'issuer'));
      const { url, status } = readiness;
      if (status === READY) return pass(`${url} says that it is ready`);
      const { evidence, fix } = describeUnready(readiness);
      if (status === NOT_READY) return fail(evidence, fix);
      return unlessFormerIssuer(settings, fail(evidence, ISSUER_FIRST));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return unlessFormerIssuer(settings, fail(error.message, ISSUER_FIRST));
    }
  },
};

/** Asks the node on this machine, because a proxy would ask another node where this one is not ready. */
async function findHere(settings: Settings): Promise<Readiness | undefined> {
  try {
    const readiness = await askReadiness(settings, 'local');
    return [READY, NOT_READY].includes(readiness.status) ? readiness : undefined;
  } catch (error) {
    if (error instanceof AnswerError) return undefined;
    throw error;
  }
}
