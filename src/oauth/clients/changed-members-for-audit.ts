/** What an update of a client changed, for the audit. */
import type { Client } from './client.ts';

/** Characters of all redirect URIs together, of an event. */
const LONGEST = 2000;

type Kept = Pick<Client, 'profile' | 'metadata'>;

/**
 * The names of the changed members, and the new redirect URIs, as an auditor asks first where codes are sent.
 */
export function changedMembers(before: Kept, after: Kept): Readonly<Record<string, string>> {
  const [old, now] = [flat(before), flat(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changed = names.filter((name) => old.get(name) !== now.get(name));
  const redirect_uris = after.metadata.redirect_uris.join(' ').slice(0, LONGEST);
  return { changed: changed.join(' '), ...(changed.includes('redirect_uris') && { redirect_uris }) };
}

function flat({ profile, metadata }: Kept): ReadonlyMap<string, string | undefined> {
  return new Map(
    Object.entries({ profile, ...metadata }).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}
