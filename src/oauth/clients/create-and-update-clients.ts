/** Creates, changes and replaces clients; every change is audited with it. RFC 7591, RFC 7592 */
import { DEFAULT_PROFILE, type ProfileName } from '../../config/client-protocol-profiles.ts';
import { awaitInOrder, isRefusal, PASSED } from '../../lib/outcome.ts';
import { newIdentifier } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../../storage/database.ts';
import { expireClientSecrets } from '../../storage/tables/client-secrets.ts';
import { insertClient, updateClient as updateClientRow } from '../../storage/tables/clients.ts';
import { endConsentsOfClient } from '../../storage/tables/consents.ts';
import { writeUnlessRefused } from '../../storage/write-unless-refused.ts';
import { type Accepted, accept, provideFor } from './accept-metadata-and-make-signing-keys.ts';
import { authenticationMethods } from './authentication/index.ts';
import { changedMembers } from './changed-members-for-audit.ts';
import { checkProfile } from './check-profile-name.ts';
import { type Chosen, checkChosen, checkProvided } from './chosen-client-id-and-secret.ts';
import type { Client } from './client.ts';
import { checkIdIsFree, checkResources } from './client-id-and-resource-conflicts.ts';
import { checkSameKind, isOtherClient, isSameRegistration } from './client-update-rules.ts';
import type { RegistryContext } from './context.ts';
import { addSecret, missingSecret, needsSecret, secretFor } from './issue-client-secrets.ts';
import type { GrantType } from './metadata-shape.ts';
import { keptOf } from './operator-only-members.ts';
import { readClient } from './read-clients.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';
import { notFound, type Registered, record, registered } from './registry-result-and-audit.ts';
import { replaceDerived } from './tables-derived-from-metadata.ts';

/** `grantTypes` are those of the grants' table that the client may name. */
export async function createClient(
  context: RegistryContext,
  grantTypes: readonly GrantType[],
  input: unknown,
  chosen: Chosen = {},
): Promise<Registered | RegistryRefusal> {
  const profile = checkProfile(chosen.profile ?? DEFAULT_PROFILE, context.settings);
  if (isRefusal(profile)) return profile;
  const selfRegistered = chosen.registrationTokenHash !== undefined;
  const accepted = await accept(context, input, { ...rulesOf(context, profile, grantTypes), selfRegistered });
  if (isRefusal(accepted)) return accepted;
  const { metadata } = accepted;
  const checked = checkChosen(chosen);
  if (checked !== PASSED) return checked;
  const client_id = chosen.client_id ?? newIdentifier(context.clock, context.random);
  const client_secret = secretFor(context, metadata, chosen);
  return writeUnlessRefused(context.db, async (tx) => {
    await tx.lockTableOnRetry?.('clients');
    const allowed = await awaitInOrder<RegistryRefusal>(
      () => checkIdIsFree(tx, client_id),
      () => checkResources(tx, context.settings.issuer, metadata, client_id),
      () => checkProvided(tx, chosen),
      () => provideFor(context, tx, accepted),
    );
    if (allowed !== PASSED) return allowed;
    const nowMs = context.clock.nowMs();
    await insertClient(tx, {
      client_id,
      profile,
      metadata: JSON.stringify(metadata),
      created_at: nowMs,
      updated_at: nowMs,
      disabled_at: null,
      registration_token: chosen.registrationTokenHash ?? null,
      used_at: null,
    });
    if (client_secret !== undefined) await addSecret(context, tx, client_id, client_secret);
    await replaceDerived(tx, client_id, metadata);
    record(context, tx, selfRegistered ? 'client.registered' : 'client.created', client_id);
    return registered(tx, client_id, client_secret);
  });
}

/** Replaces the named members and checks the whole again. What another request changed in other members meanwhile stays. */
export async function updateClient(
  context: RegistryContext,
  grantTypes: readonly GrantType[],
  client_id: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<Registered | RegistryRefusal> {
  for (;;) {
    const before = await readClient(context.db, client_id);
    if (!before) return notFound(client_id);
    const { profile: wanted, ...members } = changes;
    const isOther = typeof wanted === 'string' && wanted !== before.profile;
    const profile = isOther ? checkProfile(wanted, context.settings) : before.profile;
    if (isRefusal(profile)) return profile;
    const rules = rulesOf(context, profile, grantTypes);
    const accepted = await accept(context, { ...before.metadata, ...members }, rules);
    if (isRefusal(accepted)) return accepted;
    const checked = checkSameKind(before, accepted.metadata);
    if (checked !== PASSED) return checked;
    const outcome = await writeUnlessRefused(context.db, async (tx) => {
      const current = await readClient(tx, client_id);
      if (!current) return notFound(client_id);
      const isStale = current.metadataHash !== before.metadataHash;
      return isStale ? undefined : putMetadata(context, tx, current, profile, accepted);
    });
    if (outcome) return outcome;
  }
}

/**
 * RFC 7592 §2.2: the metadata as it is from now on, every member that is left out gone but those that are the operator's
 * to say.
 */
export async function replaceClient(
  context: RegistryContext,
  grantTypes: readonly GrantType[],
  before: Client,
  input: object,
): Promise<Registered | RegistryRefusal> {
  const { client_id, profile } = before;
  const kept = keptOf(before.metadata);
  const rules = { ...rulesOf(context, profile, grantTypes), selfRegistered: true };
  const accepted = await accept(context, { ...input, ...kept }, rules);
  if (isRefusal(accepted)) return accepted;
  const checked = checkSameKind(before, accepted.metadata);
  if (checked !== PASSED) return checked;
  const outcome = await writeUnlessRefused(context.db, async (tx) => {
    // Compared with the current row: `before` was read before anything was fetched.
    const current = await readClient(tx, client_id);
    const isOwn = current && !current.disabled && isSameRegistration(current, before);
    if (!isOwn) return notFound(client_id);
    const isStale = JSON.stringify(keptOf(current.metadata)) !== JSON.stringify(kept);
    return isStale ? current : putMetadata(context, tx, current, profile, accepted);
  });
  return 'metadata' in outcome ? replaceClient(context, grantTypes, outcome, input) : outcome;
}

async function putMetadata(
  context: RegistryContext,
  tx: Tx,
  current: Client,
  profile: ProfileName,
  accepted: Accepted,
): Promise<Registered | RegistryRefusal> {
  const { client_id } = current;
  const { metadata } = accepted;
  const allowed = await awaitInOrder<RegistryRefusal>(
    () => checkResources(tx, context.settings.issuer, metadata, client_id),
    () => provideFor(context, tx, accepted),
  );
  if (allowed !== PASSED) return allowed;
  const updated_at = context.clock.nowMs();
  await updateClientRow(tx, { client_id, profile, metadata: JSON.stringify(metadata), updated_at });
  await replaceDerived(tx, client_id, metadata);
  // A076: what was allowed was allowed to another client.
  if (isOtherClient(current, metadata)) await endConsentsOfClient(tx, client_id);
  // What may have leaked does not come back with the method.
  if (!needsSecret(metadata)) await expireClientSecrets(tx, client_id, updated_at);
  const client_secret = missingSecret(context, current, metadata);
  if (client_secret !== undefined) await addSecret(context, tx, client_id, client_secret);
  const details = changedMembers(current, { profile, metadata });
  context.audit.record(tx, { type: 'client.updated', client_id, details });
  return registered(tx, client_id, client_secret);
}

function rulesOf(
  context: Pick<RegistryContext, 'settings'>,
  profile: ProfileName,
  grantTypes: readonly GrantType[],
) {
  const { development } = context.settings;
  return { profile, development, grantTypes, authMethods: authenticationMethods };
}
