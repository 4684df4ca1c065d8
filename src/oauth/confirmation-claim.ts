/** The members of cnf: what a token is bound to, by how it is shown. RFC 7800 §3.1, RFC 9449 §6.1, RFC 8705 §3.1 */
export type Confirmation = Readonly<Record<string, string>>;

const MOST_MEMBERS = 8;
const LONGEST_VALUE = 512;

/** Whether a claim has the shape of one, in its bounds. */
export function isConfirmation(claim: unknown): boolean {
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return false;
  const values = Object.values(claim);
  const isText = (value: unknown) => typeof value === 'string' && value.length <= LONGEST_VALUE;
  return values.length <= MOST_MEMBERS && values.every(isText);
}

/** Whether everything that something is bound to was shown; what is bound to nothing needs nothing. */
export function isMet(bound: Confirmation | undefined, shown: Confirmation | undefined): boolean {
  return Object.entries(bound ?? {}).every(([member, value]) => shown?.[member] === value);
}

/** As a grant holds it; null where there is none. {@link readConfirmation} reads it. */
export function writeConfirmation(confirmation: Confirmation | undefined): string | null {
  return confirmation === undefined ? null : JSON.stringify(confirmation);
}

/** What {@link writeConfirmation} wrote. */
export function readConfirmation(stored: string | null): Confirmation | undefined {
  return stored === null ? undefined : JSON.parse(stored);
}
