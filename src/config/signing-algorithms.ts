/** What our own signatures may be, by the names of RFC 7518 §3.1 and RFC 8037 §3.1. */

/** Every reader knows these: their keys are always there. */
export const standingAlgorithms = ['ES256', 'RS256'] as const;

/** Readers that stop at a key they do not know fail on some of these: their keys are there where something uses them. */
export const furtherAlgorithms = ['PS256', 'EdDSA'] as const;
export type FurtherAlgorithm = (typeof furtherAlgorithms)[number];
