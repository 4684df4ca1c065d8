import type { Settings } from '../config/settings-schema.ts';
import { standardScopes } from '../config/standard-scopes-and-claims.ts';
import { misspeltWord } from '../lib/nearest-word.ts';
import { type Checked, checkInOrder, PASSED, type Refusal, refuse } from '../lib/outcome.ts';
import { metadataSchema } from '../oauth/clients/metadata-shape.ts';
import { parseScope } from '../oauth/parse-and-narrow-scope.ts';

/**
 * A scope that is almost a known one is a misspelling: users would be asked for an unknown scope, and the app would lack
 * what it needs.
 */
function checkScopeSpelling(scope: unknown, { scopes }: Settings): Checked<Refusal<'usage'>> {
  if (typeof scope !== 'string') return PASSED;
  const known = [...standardScopes, ...Object.keys(scopes)];
  for (const one of parseScope(scope) ?? []) {
    const meant = misspeltWord(one, known);
    if (meant === undefined) continue;
    const advice = `where ${one} is a scope of your own, name it in the setting scopes`;
    return refuse('usage', 'misspelt_scope', `scope ${one} is not known; did you mean ${meant}? ${advice}`);
  }
  return PASSED;
}

/** Members that are printed beside the metadata. A printed client may be edited and given back, so they are ignored. */
const PRINTED: readonly string[] = [
  'client_id',
  'client_secret',
  'client_secret_expires_at',
  'client_id_issued_at',
  'client_secrets',
  'disabled',
  'self_registered',
];

const KNOWN: readonly string[] = [...Object.keys(metadataSchema.shape), 'profile'];

/**
 * RFC 7591 §2: unknown members are ignored. A name that is almost that of an absent member is a misspelling, and an
 * operator would believe that the value applies.
 */
function checkMemberSpelling(metadata: Record<string, unknown>): Checked<Refusal<'usage'>> {
  for (const name of Object.keys(metadata)) {
    if ([...KNOWN, ...PRINTED].includes(name.replace(/#.*/, ''))) continue;
    const nearest = misspeltWord(name, KNOWN);
    if (nearest === undefined || Object.hasOwn(metadata, nearest)) continue;
    const seen = `${name} is no member of a client here, and would change nothing`;
    return refuse('usage', 'unknown_member', `${seen}; did you mean ${nearest}? If not, leave it out`);
  }
  return PASSED;
}

/** Refuses metadata with a misspelt member or scope. */
export function checkSpelling(
  metadata: Record<string, unknown>,
  settings: Settings,
): Checked<Refusal<'usage'>> {
  return checkInOrder(
    () => checkMemberSpelling(metadata),
    () => checkScopeSpelling(metadata.scope, settings),
  );
}
