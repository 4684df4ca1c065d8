/** The authorization code: minted with its grant, bound to all that was asked. RFC 6749 §4.1.2 */

import { reachedAcr } from '../../identity/assurance.ts';
import { sha256 } from '../../lib/hash.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../lib/ids.ts';
import type { Tx } from '../../storage/database.ts';
import { type GrantRow, insertGrant } from '../../storage/tables/grants.ts';
import { insertOneTime } from '../../storage/tables/one-time.ts';
import { type Access, writeAccess } from '../access/access.ts';
import { claimsOfGrant } from '../access/single-claims.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { boundGrants } from '../grants-of-client.ts';
import { USERINFO } from '../resource.ts';
import { firstRefreshState } from '../tokens/refresh-token.ts';
import type { Confirmed } from './confirmation.ts';
import type { Asked, CodeTerms } from './request-shape.ts';

/** What the code is bound to besides its grant. */
export interface CodePayload extends CodeTerms {
  readonly client_id: string;
  readonly redirect_uri: string;
}

export interface MintedCode {
  readonly code: string;
  readonly grant_id: string;
}

/** What a redemption must show besides the code. */
export interface Redemption {
  readonly client_id: string;
  readonly redirect_uri: string | undefined;
  readonly code_challenge: string | undefined;
}

/** 22 characters of base64url hold 128 bits. */
const BINDING_LENGTH = 22;
const FORMAT = /^(?<grant_id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.[A-Za-z0-9_-]{52}$/;

/** The grant that a code leads to, good or not. */
export function grantIdOfCode(code: string): string | undefined {
  return FORMAT.exec(code)?.groups?.grant_id;
}

/**
 * By this the grant knows its code again when it is spent and gone. Where PKCE binds it, redirect_uri may be left out, so
 * that it says nothing.
 */
export function codeBinding(code: string, { client_id, redirect_uri, code_challenge }: Redemption): string {
  const bound = code_challenge === undefined ? redirect_uri : undefined;
  return sha256(JSON.stringify([code, client_id, bound, code_challenge])).slice(0, BINDING_LENGTH);
}

/** A grant of its own for each authorization, and the code that leads to it. */
export async function mintCode(context: OAuthContext, tx: Tx, confirmed: Confirmed): Promise<MintedCode> {
  const grant_id = newIdentifier(context.clock, context.random);
  const code = `${grant_id}.${newSecretValue(context.clock, context.random)}`;
  const { request, takesPart, nowMs } = confirmed;
  const { client_id } = request;
  const { redirect_uri } = request.target;
  await insertGrant(tx, newGrant(context, confirmed, { grant_id, code }), takesPart);
  await boundGrants(context, tx, grant_id);
  const payload: CodePayload = { client_id, redirect_uri, ...request.code };
  await insertOneTime(tx, {
    kind: 'code',
    value_key: storageKey(code),
    grant_id,
    payload: JSON.stringify(payload),
    expires_at: nowMs + context.settings.code_seconds * 1000,
  });
  return { code, grant_id };
}

function newGrant(
  context: OAuthContext,
  { client, request, session, userEpoch, clientEpoch, nowMs }: Confirmed,
  { grant_id, code }: MintedCode,
): GrantRow {
  const refresh = firstRefreshState(context, client);
  const access = grantedAccess(context, client, request.asked);
  const { client_id, asked, target } = request;
  const { redirect_uri_sent, code_challenge } = request.code;
  const redemption = {
    client_id,
    redirect_uri: redirect_uri_sent ? target.redirect_uri : undefined,
    code_challenge,
  };
  return {
    grant_id,
    sub: session.sub,
    client_id,
    sid: session.sid,
    access: writeAccess(access),
    outlives_session: access.scope.includes('offline_access') ? 1 : 0,
    auth_time: session.authTimeMs,
    amr: JSON.stringify(session.amr),
    acr: reachedAcr(session.amr, asked.acr.values) ?? null,
    created_at: nowMs,
    // Until its code is redeemed (grants/authorization-code.ts): what nobody redeems must not push out what is in use.
    expires_at: nowMs + context.settings.code_seconds * 1000,
    revoked_at: null,
    ...refresh,
    code_binding: codeBinding(code, redemption),
    user_epoch: userEpoch,
    client_epoch: clientEpoch,
  };
}

/** What was allowed, with what the token endpoint must know of it: what a token is for by default, and where claims go. */
function grantedAccess({ settings }: OAuthContext, client: Client, asked: Asked): Access {
  const { access, userinfo_first } = asked;
  return {
    ...access,
    resources: userinfo_first ? [USERINFO, ...access.resources] : access.resources,
    claims: claimsOfGrant(settings.claimCatalogue, client, asked.claims?.request),
  };
}
