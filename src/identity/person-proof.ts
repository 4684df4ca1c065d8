/** What one who signs in proved. A session begins with it and with nothing else. ASVS V7.2.1 */
declare const isProof: unique symbol;

/** Somebody is who they say. Made by {@link personProven} alone. */
export interface PersonProof {
  readonly [isProof]: true;
  readonly sub: string;
  /** The methods by which they proved it. RFC 8176 */
  readonly amr: readonly string[];
}

/** To be said last, when every check has been made. */
export function personProven(sub: string, amr: readonly string[]): PersonProof {
  return { sub, amr } as PersonProof;
}
