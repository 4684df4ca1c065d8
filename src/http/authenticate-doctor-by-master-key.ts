/** The header by which `gatehouse doctor` proves that it has the master key, for answers that no other client gets. */
import type { FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/sha256-and-hmac.ts';
import type { HttpContext } from './context.ts';

const SCHEME = 'Gatehouse-Doctor';
const VALID_MS = 60_000;

/** The value of an Authorization header, valid for a minute. */
export function newDoctorProof({ masterKey }: { readonly masterKey: Buffer }, nowMs: number): string {
  return `${SCHEME} ${nowMs}.${hmacSha256(deriveKey(masterKey, 'doctor'), String(nowMs))}`;
}

/** Whether the request carries what {@link newDoctorProof} made with the same master key, at most a minute before or after now. */
export function isFromDoctor(
  { settings, clock }: Pick<HttpContext, 'clock'> & { readonly settings: { readonly masterKey: Buffer } },
  { headers }: Pick<FastifyRequest, 'headers'>,
): boolean {
  const authorization = headers.authorization;
  const [, madeAt = ''] = /^Gatehouse-Doctor (\d{1,15})\./.exec(authorization ?? '') ?? [];
  if (authorization === undefined || madeAt === '') return false;
  const isRecent = Math.abs(clock.nowMs() - Number(madeAt)) <= VALID_MS;
  return isRecent && equalInConstantTime(authorization, newDoctorProof(settings, Number(madeAt)));
}
