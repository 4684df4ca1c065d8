/**
 * Settings apply from the next start: after the issuer was changed in the file, the running server still answers for
 * the former one.
 */
import { z } from 'zod';
import type { Settings } from '../../config/settings-schema.ts';
import { newDoctorProof } from '../../http/authenticate-doctor-by-master-key.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { AnswerError, ask, authorityOf, type Question, readAnswer } from '../bounded-http-client.ts';
import { addressHere } from '../server-address-on-this-machine.ts';
import type { Finding } from './check.ts';

const PATH = '/health/way';
const issuerSchema = z.object({ issuer: z.string() });

/** The finding; where a server with this master key runs with another issuer, that is given as the reason. */
export async function unlessFormerIssuer(settings: Settings, finding: Finding): Promise<Finding> {
  const former = await findFormerIssuer(settings);
  if (former === undefined) return finding;
  return {
    ...finding,
    evidence: `this server still runs with issuer ${former}, so that ${finding.evidence}`,
    fix: 'restart it (systemctl restart gatehouse): settings hold from the next start; then check again',
  };
}

/** Asks on this machine first: the issuer may not be reachable from outside yet. */
async function findFormerIssuer(settings: Settings): Promise<string | undefined> {
  const { issuer } = settings;
  const proof = newDoctorProof(settings, systemClock.nowMs());
  const places: [string, Question][] = [
    [`${addressHere(settings)}${PATH}`, { isHere: true }],
    [`${new URL(issuer).origin}${PATH}`, { authority: authorityOf(settings) }],
  ];
  for (const [url, question] of places) {
    const running = await askIssuer(url, { ...question, headers: { authorization: proof } });
    if (running !== undefined) return running === issuer ? undefined : running;
  }
  return undefined;
}

async function askIssuer(url: string, question: Question): Promise<string | undefined> {
  try {
    return readAnswer(await ask(url, question), issuerSchema).issuer;
  } catch (error) {
    if (error instanceof AnswerError) return undefined;
    throw error;
  }
}
