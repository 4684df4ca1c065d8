/** For a toy rule that applies to every kind of request, however many there are. */
import { rules } from '../../src/oauth/authorization/rules/index.ts';
import type { RequestKind } from '../../src/oauth/authorization/rules/rule.ts';

const columns = Object.entries(rules[0] ?? {}).filter(([, value]) => typeof value === 'boolean');

/** Each column of the table of rules, ticked. */
export const EVERY_KIND = Object.fromEntries(columns.map(([kind]) => [kind, true])) as Readonly<
  Record<RequestKind, true>
>;
