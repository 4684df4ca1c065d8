/** What a consent page adds to what a person allowed, and takes back. OpenID Connect Core §3.1.2.4 */
import type { Reader, Tx } from '../../storage/database.ts';
import { type ConsentRow, deleteConsent, findConsent, putConsent } from '../../storage/tables/consents.ts';
import { isNothing, NO_ACCESS, union, without } from '../access/access-set-operations.ts';
import type { Access } from '../access/members/access-of-all-members.ts';
import { jsonOfAccess, parseAccess, readAccess, writeAccess } from '../access/stored-access.ts';
import type { AppInteraction } from '../authorization/interaction.ts';
import { consent } from '../authorization/steps/consent.ts';
import { doneIn, withDone } from '../authorization/steps/done-steps.ts';
import { changeDone, findDone } from '../authorization/stored-done-steps.ts';
import type { OAuthContext } from '../context.ts';

/** Remembers what the page asked for, beside what was allowed before, and which of it is new. */
export async function rememberAllowed(
  context: Pick<OAuthContext, 'clock'>,
  tx: Tx,
  { row: { interaction_id }, client, request }: AppInteraction,
  sub: string,
): Promise<void> {
  const before = await findConsent(tx, sub, client.client_id);
  const { access: asked } = request.asked;
  const known = allowedIn(before);
  const added = union(without(asked, known), (await findAdded(tx, interaction_id, sub)) ?? NO_ACCESS);
  await changeDone(tx, interaction_id, (done) =>
    withDone(done, consent, { ...doneIn(done, consent), added: { sub, access: jsonOfAccess(added) } }),
  );
  await put(context, tx, { sub, client_id: client.client_id, before }, union(known, asked));
}

/** Takes back what this interaction added: a user who allows and then denies, before the app got its answer, has denied. */
export async function takeBackAllowed(
  context: Pick<OAuthContext, 'clock'>,
  tx: Tx,
  { row: { interaction_id }, client: { client_id } }: AppInteraction,
  sub: string,
): Promise<void> {
  const added = await findAdded(tx, interaction_id, sub);
  const before = added && (await findConsent(tx, sub, client_id));
  if (!before) return;
  const left = without(allowedIn(before), added);
  if (isNothing(left)) await deleteConsent(tx, sub, client_id);
  else await put(context, tx, { sub, client_id, before }, left);
}

/** What one interaction added to the consent of this person. */
async function findAdded(db: Reader, interactionId: string, sub: string): Promise<Access | undefined> {
  const added = doneIn(await findDone(db, interactionId), consent)?.added;
  return added?.sub === sub ? readAccess(added.access) : undefined;
}

async function put(
  { clock }: Pick<OAuthContext, 'clock'>,
  tx: Tx,
  { before, ...whose }: { sub: string; client_id: string; before: ConsentRow | undefined },
  access: Access,
): Promise<void> {
  const nowMs = clock.nowMs();
  await putConsent(tx, {
    ...whose,
    access: writeAccess(access),
    created_at: before?.created_at ?? nowMs,
    updated_at: nowMs,
  });
}

function allowedIn(consent: ConsentRow | undefined): Access {
  return consent ? parseAccess(consent.access) : NO_ACCESS;
}
