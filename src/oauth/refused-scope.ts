/** A scope that a client may not have, with both sides of it. RFC 6749 §3.3, §5.2 */
import { type Refusal, refuse } from '../lib/outcome.ts';
import { shownText } from '../lib/shorten-and-escape-text.ts';
import type { Client } from './clients/client.ts';
import { isSelfRegistered } from './clients/is-self-registered.ts';
import { isUserScope, parseScope } from './parse-and-narrow-scope.ts';

/** `allowed` is what the client may ask for there: for people, or `for itself`. */
export function refuseScope(
  client: Client,
  asked: string,
  allowed: readonly string[],
  whom?: 'for itself',
): Refusal<'invalid_scope'> {
  const wanted = parseScope(asked) ?? [];
  if (wanted.length === 0) {
    const rule = 'scope must be words of RFC 6749 §3.3, separated by single spaces';
    return refuse('invalid_scope', 'scope_not_allowed', rule);
  }
  if (whom && wanted.every(isUserScope)) {
    const rule = `scope ${wanted.join(' ')} is about a person, and this client acts for itself: leave it out`;
    return refuse('invalid_scope', 'scope_not_allowed', rule);
  }
  const missing = shownText(wanted.filter((scope) => !allowed.includes(scope)).join(' '));
  const asking = whom ? `${missing} ${whom}` : missing;
  const had = allowed.length === 0 ? 'none' : `only: ${allowed.join(' ')}`;
  return refuse(
    'invalid_scope',
    'scope_not_allowed',
    `this client may not have the scope ${asking}; it may have ${had}${remedyOf(client, allowed)}`,
  );
}

function remedyOf(client: Client, allowed: readonly string[]): string {
  if (allowed.length > 0) return '';
  const way = `. The operator gives it some: client update ${client.client_id} --scope`;
  return isSelfRegistered(client) ? `${way}; or the app registers again, without scope` : way;
}
