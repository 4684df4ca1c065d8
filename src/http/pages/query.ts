/** The query of a page's address. */
import type { FastifyRequest } from 'fastify';
import { queryPairs } from '../form.ts';
import type { PageTools } from './tools.ts';

/** What the page declares of its query (`Page.query`), and nothing else; of a repeated name the last. */
export function ownQuery(
  { ownParameters }: PageTools,
  { url }: FastifyRequest,
): Readonly<Record<string, string>> {
  return Object.fromEntries(queryPairs(url).filter(([name]) => ownParameters.includes(name)));
}
