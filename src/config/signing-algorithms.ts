/** The algorithms of our own signatures, by the names of RFC 7518 §3.1 and RFC 8037 §3.1. */

/** Every library supports these: there is always a key for each. */
export const standingAlgorithms = ['ES256', 'RS256'] as const;
export type StandingAlgorithm = (typeof standingAlgorithms)[number];

/** Libraries that fail on a key set with an unknown key may not support these: there is a key only if something uses it. */
export const furtherAlgorithms = ['PS256', 'EdDSA'] as const;
export type FurtherAlgorithm = (typeof furtherAlgorithms)[number];

/** Throws if the text is not one of {@link furtherAlgorithms}. */
export function parseFurtherAlgorithm(text: string): FurtherAlgorithm {
  const known = furtherAlgorithms.find((candidate) => candidate === text);
  if (known) return known;
  const always = `${standingAlgorithms.join(' and ')} are always there`;
  throw new Error(`"${text}" is not ${furtherAlgorithms.join(' or ')}; ${always}`);
}
