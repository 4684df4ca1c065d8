/** The header by which `gatehouse doctor` proves that it has the master key, for answers that no other client gets. */
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/sha256-and-hmac.ts';

const SCHEME = 'Gatehouse-Doctor';
const VALID_MS = 60_000;

/** The value of an Authorization header, valid for a minute. */
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
  const isRecent = Math.abs(nowMs - Number(madeAt)) <= VALID_MS;
  return isRecent && equalInConstantTime(authorization, newDoctorProof(settings, Number(madeAt)));
}
