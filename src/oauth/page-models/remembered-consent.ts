/** What a consent page adds to what a person allowed, and takes back. OpenID Connect Core §3.1.2.4 */
import type { Reader, Tx } from '../../storage/database.ts';
import { type ConsentRow, deleteConsent, findConsent, putConsent } from '../../storage/tables/consents.ts';
import { findInteraction, noteConsentAdded } from '../../storage/tables/interactions.ts';
import type { Interaction } from '../authorization/interaction.ts';
import type { OAuthContext } from '../context.ts';
import { parseScope } from '../scope.ts';

interface Allowed {
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly claims: readonly string[];
}

/** What one interaction added, and to whose consent. */
interface Added extends Allowed {
  readonly sub: string;
}

const NOTHING: Allowed = { scope: [], resources: [], claims: [] };

/** Remembers what the page asked for, beside what was allowed before, and which of it is new. */
export async function rememberAllowed(
  context: OAuthContext,
  tx: Tx,
  { row: { interaction_id }, client, request }: Interaction,
  sub: string,
): Promise<void> {
  const before = await findConsent(tx, sub, client.client_id);
  const asked: Allowed = {
    scope: parseScope(request.asked.scope) ?? [],
    resources: request.asked.resources,
    claims: request.asked.single_claims ?? [],
  };
  const known = allowedIn(before);
  const added = merged(without(asked, known), (await findAdded(tx, interaction_id, sub)) ?? NOTHING);
  await noteConsentAdded(tx, interaction_id, JSON.stringify({ sub, ...added } satisfies Added));
  await put(context, tx, { sub, client_id: client.client_id, before }, merged(known, asked));
}

/** Takes back what this interaction added: whoever allows and then denies, before the app was told, has denied. */
export async function takeBackAllowed(
  context: OAuthContext,
  tx: Tx,
  { row: { interaction_id }, client: { client_id } }: Interaction,
  sub: string,
): Promise<void> {
  const added = await findAdded(tx, interaction_id, sub);
  const before = added && (await findConsent(tx, sub, client_id));
  if (!before) return;
  const left = without(allowedIn(before), added);
  const isAnything = Object.values(left).some((values) => values.length > 0);
  if (isAnything) await put(context, tx, { sub, client_id, before }, left);
  else await deleteConsent(tx, sub, client_id);
}

async function findAdded(db: Reader, interactionId: string, sub: string): Promise<Added | undefined> {
  const row = await findInteraction(db, interactionId);
  const added: Added | undefined = row?.consent_added ? JSON.parse(row.consent_added) : undefined;
  return added?.sub === sub ? added : undefined;
}

async function put(
  { clock }: OAuthContext,
  tx: Tx,
  { before, ...whose }: { sub: string; client_id: string; before: ConsentRow | undefined },
  { scope, resources, claims }: Allowed,
): Promise<void> {
  const nowMs = clock.nowMs();
  await putConsent(tx, {
    ...whose,
    scope: scope.join(' '),
    resources: JSON.stringify(resources),
    claims: claims.length === 0 ? null : JSON.stringify(claims),
    created_at: before?.created_at ?? nowMs,
    updated_at: nowMs,
  });
}

function allowedIn(consent: ConsentRow | undefined): Allowed {
  if (!consent) return NOTHING;
  const { scope, resources, claims } = consent;
  return {
    scope: parseScope(scope) ?? [],
    resources: JSON.parse(resources),
    claims: JSON.parse(claims ?? '[]'),
  };
}

function merged(one: Allowed, other: Allowed): Allowed {
  return each((member) => [...new Set([...one[member], ...other[member]])]);
}

function without(one: Allowed, other: Allowed): Allowed {
  return each((member) => one[member].filter((value) => !other[member].includes(value)));
}

function each(values: (member: keyof Allowed) => readonly string[]): Allowed {
  return { scope: values('scope'), resources: values('resources'), claims: values('claims') };
}
