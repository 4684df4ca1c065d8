/** The stable words for why something was refused. */

/** Fastify's own, for a request that it cannot parse. */
export type FastifyCode = `FST_ERR_${string}`;

/**
 * One of those that reasons.json explains: a word that is not there does not compile. For log, audit, tests and
 * docs/reference/reasons.md, which is written from the same file.
 */
export type Reason = keyof typeof import('./reasons.json', { with: { type: 'json' }}) | FastifyCode;
