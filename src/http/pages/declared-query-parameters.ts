/** The query of a page's address. */
import type { FastifyRequest } from 'fastify';
import { queryPairs } from '../urlencoded-pairs.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** The query parameters that the page declares (`Page.query`), and no others; of a repeated name the last. */
export function ownQuery(
  { ownParameters }: PageTools,
  { url }: FastifyRequest,
): Readonly<Record<string, string>> {
  return Object.fromEntries(queryPairs(url).filter(([name]) => ownParameters.includes(name)));
}
