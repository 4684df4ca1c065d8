/** The stable words for why something was refused. */

/** Fastify's own codes, for a request that it cannot parse. */
export type FastifyCode = `FST_ERR_${string}`;

/**
 * A word that reasons.json explains: any other word does not compile. For log, audit, tests and
 * docs/reference/reasons.md, which is generated from the same file.
 */
export type Reason = keyof typeof import('./reasons.json', { with: { type: 'json' }}) | FastifyCode;
