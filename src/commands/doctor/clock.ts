import { z } from 'zod';
import { systemClock } from '../../lib/clock-and-random.ts';
import { type Answer, readAnswer } from '../bounded-http-client.ts';
import { askAtIssuer } from './ask-at-issuer.ts';
import { type OutsideCheck, pass, warn } from './check.ts';
import { explainAnswer } from './explain-unreachable-issuer.ts';

const CLOCK_TOLERANCE_MS = 5000;

const liveSchema = z.object({ time: z.string().optional() });

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
      const answer = await askAtIssuer(settings, '/health/live');
      const served = Date.parse(readServerTime(answer) ?? answer.headers.date ?? '');
      if (Number.isNaN(served)) return warn(`${url} does not say what time it is`, OLDER);
      const differenceMs = Math.abs(systemClock.nowMs() - served);
      if (differenceMs <= CLOCK_TOLERANCE_MS) return pass(`this machine and ${url} agree within 5 s`);
      return warn(
        `${url} is ${Math.round(differenceMs / 1000)} s away from this machine`,
        'run a time service (chrony) on both',
      );
    } catch (error) {
      return explainAnswer(settings, error);
    }
  },
};
