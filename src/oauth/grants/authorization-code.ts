/** RFC 6749 §4.1.3, RFC 7636 §4.6, draft-ietf-oauth-v2-1 §4.1.3 */
import { z } from 'zod';
import type { RequestSource } from '../../audit/request-source.ts';
import { LONGEST_CODE_SECONDS } from '../../config/settings-schema.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { type Checked, checkInOrder, PASSED, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { shownText } from '../../lib/shorten-and-escape-text.ts';
import { storageKey } from '../../lib/time-ordered-ids-and-secrets.ts';
import { isAheadOfClock } from '../../lib/tolerate-clock-set-back.ts';
import type { Tx } from '../../storage/database.ts';
import { readInstallationState } from '../../storage/revision-and-restore-times.ts';
import { findGrant, revokeGrant } from '../../storage/tables/grants.ts';
import { consumeOneTime, findOneTime } from '../../storage/tables/one-time.ts';
import { CODE_KEPT_MS } from '../../storage/tables/one-time-kinds-and-retention.ts';
import { codeBinding, grantIdOfCode } from '../authorization/code-binding-and-grant-id.ts';
import type { CodePayload } from '../authorization/create-code-with-grant.ts';
import type { Client } from '../clients/client.ts';
import { type Confirmation, isMet, readConfirmation } from '../confirmation-claim.ts';
import { challengeOf, isCodeVerifier, provesChallenge } from '../pkce.ts';
import { defineGrant, type GrantRefusal } from './grant-type-interface.ts';
import { startProvenGrant } from './start-grant-at-first-use.ts';

interface Found {
  readonly codeKey: string;
  readonly grantId: string;
  readonly client: Client;
  /** The keys that the request showed. */
  readonly shown: Confirmation | undefined;
  /** undefined for a code that is not stored, be it spent or too old. */
  readonly payload: CodePayload | undefined;
}

interface Redemption {
  readonly code: string;
  readonly redirect_uri?: string | undefined;
  readonly code_verifier?: string | undefined;
}

export const authorizationCode = defineGrant({
  grantType: 'authorization_code',
  forUser: true,
  confidentialOnly: false,
  selfRegistered: true,
  ignoresScope: true,
  parameters: z.object({
    code: z.string(),
    redirect_uri: z.string().optional(),
    code_verifier: z.string().optional(),
  }),

  async look(context, client, parameters, shown): Promise<Found | GrantRefusal> {
    const { code_verifier } = parameters;
    if (code_verifier !== undefined && !isCodeVerifier(code_verifier)) return notWellFormed();
    const codeKey = storageKey(parameters.code);
    const row = await findOneTime(context.db, 'code', codeKey);
    if (!row || row.grant_id === null)
      return lookForSpent(context, client, { ...parameters, shown }, codeKey);
    const payload = JSON.parse(row.payload) as CodePayload;
    const checked = checkInOrder(
      () => checkCode(payload, client.client_id),
      () => checkRedirectUri(payload, parameters),
      () => checkVerifier(payload, parameters),
      () => checkKeys(payload.confirmation, shown),
    );
    if (checked !== PASSED) return checked;
    if (isMadeAhead(context, row.expires_at)) return notValid('code_expired');
    return { codeKey, grantId: row.grant_id, client, shown, payload };
  },

  async spend(context, tx, found, source) {
    const { payload, codeKey } = found;
    const spent = payload && (await consumeOneTime(tx, 'code', codeKey, context.clock.nowMs()));
    if (!spent) return replayed(context, tx, found, source);
    return startProvenGrant(context, tx, { ...found, spent, nonce: payload.nonce });
  },
});

/** One that is to live longer than any may was made while the clock was ahead. Whether it is over, its spending asks. */
function isMadeAhead({ clock }: Pick<IdentityContext, 'clock'>, expiresAtMs: number): boolean {
  return isAheadOfClock(expiresAtMs - LONGEST_CODE_SECONDS * 1000, clock.nowMs());
}

/** RFC 6749 §4.1.2: a spent code is known by its grant, if all else that is presented is right too (T8). */
async function lookForSpent(
  context: Pick<IdentityContext, 'db'>,
  client: Client,
  { code, redirect_uri, code_verifier, shown }: Redemption & { readonly shown: Confirmation | undefined },
  codeKey: string,
): Promise<Found | GrantRefusal> {
  const grant = await findGrant(context.db, grantIdOfCode(code) ?? '');
  const code_challenge = code_verifier === undefined ? undefined : challengeOf(code_verifier);
  const binding = codeBinding(code, { client_id: client.client_id, redirect_uri, code_challenge });
  if (!grant || !equalInConstantTime(binding, grant.code_binding ?? '')) return notValid('unknown_code');
  const keys = checkKeys(readConfirmation(grant.confirmation), shown);
  if (keys !== PASSED) return keys;
  return { codeKey, grantId: grant.grant_id, client, shown, payload: undefined };
}

/** RFC 9449 §10: the keys that the authorization request named. */
function checkKeys(named: Confirmation | undefined, shown: Confirmation | undefined): Checked<GrantRefusal> {
  return isMet(named, shown) ? PASSED : notValid('wrong_confirmation');
}

function checkCode(payload: CodePayload, client_id: string): Checked<GrantRefusal> {
  return payload.client_id === client_id ? PASSED : notValid('code_of_other_client');
}

/** OAuth 2.1 §10.2: where PKCE bound the code it may be left out; one that is sent must match. */
function checkRedirectUri(payload: CodePayload, { redirect_uri }: Redemption): Checked<GrantRefusal> {
  const mayLeaveOut = !payload.redirect_uri_sent || payload.code_challenge !== undefined;
  const isRight = redirect_uri === undefined ? mayLeaveOut : redirect_uri === payload.redirect_uri;
  if (isRight) return PASSED;
  const requested = withoutQuery(payload.redirect_uri);
  const about = { redirect_uri: withoutQuery(redirect_uri ?? 'none was sent'), requested };
  return { ...notValid('wrong_redirect_uri'), about };
}

/** RFC 9700 §4.8.2: a verifier if and only if there was a challenge. */
function checkVerifier(
  { code_challenge }: CodePayload,
  { code_verifier }: Redemption,
): Checked<GrantRefusal> {
  if (code_challenge === undefined) {
    return code_verifier === undefined ? PASSED : notValid('unexpected_code_verifier');
  }
  if (code_verifier === undefined) return notValid('missing_code_verifier');
  return provesChallenge(code_verifier, code_challenge) ? PASSED : notValid('wrong_code_verifier');
}

/** Apps that send back the whole address to which the answer came have the code in it. */
function withoutQuery(uri: string): string {
  return shownText(uri.replace(/[?#].*/s, '?…'));
}

/** RFC 6749 §4.1.2: the tokens already issued for this code are revoked, in the commit of this refusal. */
async function replayed(
  context: Pick<IdentityContext, 'audit' | 'clock'>,
  tx: Tx,
  { codeKey, grantId, client: { client_id } }: Found,
  source: RequestSource,
): Promise<GrantRefusal> {
  if (await findOneTime(tx, 'code', codeKey)) return notValid('code_expired');
  const isReplay = await isKnownAsSpent(context, tx, grantId);
  const refusal = isReplay ? notValid('code_replayed') : notValid('code_too_old');
  // Once: shown again and again it is refused as any code is that is not valid.
  if (await revokeGrant(tx, grantId, context.clock.nowMs())) {
    const type = isReplay ? 'code.replayed' : 'grant.revoked';
    const { reason } = refusal;
    context.audit.record(tx, { type, reason, client_id, grant_id: grantId, source });
  }
  return refusal;
}

/** Of one that is not stored: an unspent one would be, unless a clean-up or a restore took it. */
async function isKnownAsSpent(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  grantId: string,
): Promise<boolean> {
  const madeAtMs = (await findGrant(tx, grantId))?.created_at ?? 0;
  const { restoredAtMs } = await readInstallationState(tx);
  return madeAtMs >= restoredAtMs && clock.nowMs() < madeAtMs + CODE_KEPT_MS;
}

/** Looked at before the code is, so it tells nothing of that. */
function notWellFormed(): GrantRefusal {
  return refuse(
    'invalid_grant',
    'malformed_code_verifier',
    'code_verifier must be 43 to 128 of the characters A-Z a-z 0-9 - . _ ~ (RFC 7636 §4.1)',
  );
}

/** T14: one sentence for every reason. */
function notValid(reason: Reason): GrantRefusal {
  return refuse(
    'invalid_grant',
    reason,
    'the code is unknown, expired or spent, or client, redirect_uri or code_verifier do not match its request',
  );
}
