/** What a consent page adds to what a person allowed, and takes back. OpenID Connect Core §3.1.2.4 */
import type { Reader, Tx } from '../../storage/database.ts';
import { type ConsentRow, deleteConsent, findConsent, putConsent } from '../../storage/tables/consents.ts';
import type { AppInteraction } from '../authorization/interaction.ts';
import { changeDone, findDone } from '../authorization/note-done.ts';
import { type Consented, consent } from '../authorization/steps/consent.ts';
import { doneIn, withDone } from '../authorization/steps/done.ts';
import type { OAuthContext } from '../context.ts';
import { parseScope } from '../scope.ts';

/** What one interaction added, and to whose consent. */
type Added = NonNullable<Consented['added']>;
type Allowed = Omit<Added, 'sub'>;

const NOTHING: Allowed = { scope: [], resources: [], claims: [] };

/** Remembers what the page asked for, beside what was allowed before, and which of it is new. */
export async function rememberAllowed(
  context: OAuthContext,
  tx: Tx,
  { row: { interaction_id }, client, request }: AppInteraction,
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
  await changeDone(tx, interaction_id, (done) =>
    withDone(done, consent, { ...doneIn(done, consent), added: { sub, ...added } }),
  );
  await put(context, tx, { sub, client_id: client.client_id, before }, merged(known, asked));
}

/** Takes back what this interaction added: whoever allows and then denies, before the app was told, has denied. */
export async function takeBackAllowed(
  context: OAuthContext,
  tx: Tx,
  { row: { interaction_id }, client: { client_id } }: AppInteraction,
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
  const added = doneIn(await findDone(db, interactionId), consent)?.added;
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
