/** What our own signatures may be, by the names of RFC 7518 §3.1 and RFC 8037 §3.1. */

/** Every reader knows these: their keys are always there. */
export const standingAlgorithms = ['ES256', 'RS256'] as const;
export type StandingAlgorithm = (typeof standingAlgorithms)[number];

/** Readers that stop at a key they do not know fail on some of these: their keys are there where something uses them. */
export const furtherAlgorithms = ['PS256', 'EdDSA'] as const;
export type FurtherAlgorithm = (typeof furtherAlgorithms)[number];

/** Throws where the text is no algorithm of those. */
export function parseFurtherAlgorithm(text: string): FurtherAlgorithm {
  const known = furtherAlgorithms.find((candidate) => candidate === text);
  if (known) return known;
  const always = `${standingAlgorithms.join(' and ')} are always there`;
  throw new Error(`"${text}" is not ${furtherAlgorithms.join(' or ')}; ${always}`);
}
