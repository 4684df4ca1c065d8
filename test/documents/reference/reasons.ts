/** docs/reference/reasons.md: every word that a refusal may give as its reason. */
import { readFileSync } from 'node:fs';
import { code, page, table } from './markdown.ts';

const TEXT = `Every refusal has a stable reason. It goes to the log and, where the request could be read, to the audit, never to the client, which gets
the registered error code and one sentence. \`gatehouse audit-event list --request ID\` finds the
decision by the request id that the person saw; then look the reason up here. Refusals that come by the hundred are
[counted](audit.md#refusals-that-are-counted). A reason that begins with \`FST_ERR_\` is Fastify's own: the request could not be parsed.`;

/** Reason → what happened. */
export const reasons: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../../src/lib/reasons.json', import.meta.url), 'utf8'),
);

/** The page. */
export function reasonsPage(): string {
  const rows = Object.entries(reasons).sort(([one], [other]) => (one < other ? -1 : 1));
  return page(
    'Reasons',
    TEXT,
    table(
      ['reason', 'what happened'],
      rows.map(([reason, what]) => [code(reason), what]),
    ),
  );
}
