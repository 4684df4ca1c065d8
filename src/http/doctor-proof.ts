/** By this gatehouse doctor shows that it has the master key too: it is told what nobody else is. */
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/hash.ts';

const SCHEME = 'Gatehouse-Doctor';
const GOOD_MS = 60_000;

/** An Authorization header, good for a minute. */
export function newDoctorProof({ masterKey }: { readonly masterKey: Buffer }, nowMs: number): string {
  return `${SCHEME} ${nowMs}.${hmacSha256(deriveKey(masterKey, 'doctor'), String(nowMs))}`;
}

/**
 * Whether the header was made by {@link newDoctorProof} with the same master key, at most a minute before or after
 * `nowMs`.
 */
export function isDoctorProof(
  settings: { readonly masterKey: Buffer },
  authorization: string | undefined,
  nowMs: number,
): boolean {
  const [, madeAt = ''] = /^Gatehouse-Doctor (\d{1,15})\./.exec(authorization ?? '') ?? [];
  if (authorization === undefined || madeAt === '') return false;
  const isRecent = Math.abs(nowMs - Number(madeAt)) <= GOOD_MS;
  return isRecent && equalInConstantTime(authorization, newDoctorProof(settings, Number(madeAt)));
}
