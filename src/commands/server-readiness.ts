/** Asks a server whether it is ready. It gives the reason why it is not only to a command that has its master key. */
import { z } from 'zod';
import type { Settings } from '../config/settings-schema.ts';
import { newDoctorProof } from '../http/authenticate-doctor-by-master-key.ts';
import { systemClock } from '../lib/clock-and-random.ts';
import { type Answer, AnswerError, ask, authorityOf, readMembers } from './bounded-http-client.ts';
import { shown } from './print.ts';
import { addressHere } from './server-address-on-this-machine.ts';

/**
 * Longer than a server takes to report that its database does not answer, and less than the time limit of a container's
 * health check.
 */
const LIMIT_MS = 4000;
export const READY = 200;
export const NOT_READY = 503;

const reasonSchema = z.object({ reason: z.string().optional() });

export interface Readiness {
  readonly url: string;
  readonly status: number;
  /** Undefined where the server did not give it. */
  readonly reason: string | undefined;
}

/**
 * Asks the server directly on this machine, or through DNS and proxy at its issuer. Throws AnswerError where there is
 * no answer.
 */
export async function askReadiness(settings: Settings, place: 'local' | 'issuer'): Promise<Readiness> {
  const url =
    place === 'local' ? `${addressHere(settings)}${settings.basePath}${PATH}` : `${settings.issuer}${PATH}`;
  const connection = place === 'local' ? { isHere: true } : { authority: authorityOf(settings) };
  const authorization = newDoctorProof(settings, systemClock.nowMs());
  const answer = await ask(url, {
    ...connection,
    headers: { authorization },
    limitMs: LIMIT_MS,
    mayLackText: true,
  });
  return { url, status: answer.status, reason: readReason(answer) };
}

const PATH = '/health/ready';

function readReason(answer: Answer): string | undefined {
  try {
    return readMembers(answer, reasonSchema).reason;
  } catch (error) {
    if (error instanceof AnswerError) return undefined;
    throw error;
  }
}

/** Whether any server answers at the address of these settings on this machine. */
export async function answersHere(settings: Settings): Promise<boolean> {
  try {
    await askReadiness(settings, 'local');
    return true;
  } catch (error) {
    if (error instanceof AnswerError) return false;
    throw error;
  }
}

export interface Unready {
  /** What was asked and seen. */
  readonly evidence: string;
  /** Where to look. */
  readonly fix: string;
}

/** Describes an answer whose status is not {@link READY}. */
export function describeUnready({ url, status, reason }: Readiness): Unready {
  const seen = `${url} answers ${status}`;
  if (status !== NOT_READY)
    return { evidence: seen, fix: 'that is no Gatehouse of these settings: look what listens there' };
  if (reason !== undefined) return { evidence: `${seen}: ${shown(reason)}`, fix: WITH_REASON };
  return { evidence: `${seen}, ${WITHOUT_REASON}`, fix: RESTART };
}

const WITH_REASON = 'mend that; the log of the server has it too, in its last line with "not ready"';
const WITHOUT_REASON =
  'and does not say why to this command: the server runs with another master key than these settings, its clock is another, or it is older';
const RESTART =
  'where the master key was changed, restart the server (systemctl restart gatehouse): it holds from the next start. ' +
  'Otherwise its log says why, in its last line with "not ready" (journalctl -u gatehouse)';
