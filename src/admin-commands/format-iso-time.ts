/** A time in ISO 8601, for users and scripts. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
