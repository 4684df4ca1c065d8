/** What a server says of whether it is ready; why it is not it tells those alone who have its master key. */
import { z } from 'zod';
import type { Settings } from '../config/schema.ts';
import { newDoctorProof } from '../http/doctor-proof.ts';
import { systemClock } from '../lib/clock-and-random.ts';
import { type Answer, AnswerError, addressHere, ask, authorityOf, readMembers } from './ask.ts';
import { shown } from './terminal.ts';

/** Longer than a server takes to say that its database is silent, and below what a container's health check waits for. */
const LIMIT_MS = 4000;
export const READY = 200;
export const NOT_READY = 503;

const reasonSchema = z.object({ reason: z.string().optional() });

export interface Readiness {
  readonly url: string;
  readonly status: number;
  /** Undefined where it was not told. */
  readonly reason: string | undefined;
}

/** Asks on this machine, or through whatever is between. Throws AnswerError where there is no answer. */
export async function askReadiness(settings: Settings, place: 'here' | 'issuer'): Promise<Readiness> {
  const url =
    place === 'here' ? `${addressHere(settings)}${settings.basePath}${PATH}` : `${settings.issuer}${PATH}`;
  const way = place === 'here' ? { isHere: true } : { authority: authorityOf(settings) };
  const authorization = newDoctorProof(settings, systemClock.nowMs());
  const answer = await ask(url, {
    ...way,
    headers: { authorization },
    limitMs: LIMIT_MS,
    mayLackText: true,
  });
  return { url, status: answer.status, reason: reasonIn(answer) };
}

const PATH = '/health/ready';

function reasonIn(answer: Answer): string | undefined {
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
    await askReadiness(settings, 'here');
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

/** Of an answer that is not {@link READY}. */
export function describeUnready({ url, status, reason }: Readiness): Unready {
  const seen = `${url} answers ${status}`;
  if (status !== NOT_READY)
    return { evidence: seen, fix: 'that is no Gatehouse of these settings: look what listens there' };
  if (reason !== undefined) return { evidence: `${seen}: ${shown(reason)}`, fix: TOLD };
  return { evidence: `${seen}, ${UNTOLD}`, fix: RESTART };
}

const TOLD = 'mend that; the log of the server has it too, in its last line with "not ready"';
const UNTOLD =
  'and does not say why to this command: the server runs with another master key than these settings, its clock is another, or it is older';
const RESTART =
  'where the master key was changed, restart the server (systemctl restart gatehouse): it holds from the next start. ' +
  'Otherwise its log says why, in its last line with "not ready" (journalctl -u gatehouse)';
