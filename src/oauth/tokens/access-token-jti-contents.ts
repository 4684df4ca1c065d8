/** The jti of an access token: it leads to the grant, or names the client as it was and the last restore. RFC 9068 §2.2 */
import { newIdentifier } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { InstallationState } from '../../storage/revision-and-restore-times.ts';
import type { Client } from '../clients/client.ts';
import type { Admitted } from '../gate-before-issuing.ts';
import type { AccessTokenClaims } from './access-token-claims-schema.ts';
import type { TokenMakingContext, TokenVerifyingContext } from './context.ts';

/** A new one, of a token of the grant or, where there is none, of the client itself. */
export async function makeJti(
  context: Pick<TokenMakingContext, 'clock' | 'random' | 'revision'>,
  { client, grant }: Pick<Admitted, 'client' | 'grant'>,
): Promise<string> {
  const unique = newIdentifier(context.clock, context.random);
  const restore = restoreMark(await context.revision.current());
  return grant ? `${grant.grant_id}.${unique}` : `${unique}@${restore}~${incarnationOf(client)}`;
}

/** The grant to which a jti leads; undefined where the client acts for itself. */
export function grantOfJti(jti: string): string | undefined {
  const dot = jti.indexOf('.');
  return dot < 0 ? undefined : jti.slice(0, dot);
}

/**
 * Whether a token without a grant was issued to the client as it is: neither before it was disabled, nor to another of
 * its client_id that was deleted. Tokens from before there were epochs name none.
 */
export function isOfClientNow({ jti }: AccessTokenClaims, client: Client): boolean {
  const mark = jti.indexOf('~');
  return mark < 0 || jti.slice(mark + 1) === incarnationOf(client);
}

/**
 * Whether a token without a grant was issued since the last restore: what was revoked before is not known. Which restore
 * that was is compared, as the clock may have been set between; tokens of versions before name none, but a time.
 */
export async function isSinceRestore(
  { revision }: Pick<TokenVerifyingContext, 'revision'>,
  { jti, iat }: AccessTokenClaims,
): Promise<boolean> {
  const state = await revision.current();
  const mark = /@([0-9a-z]+)~/.exec(jti)?.[1];
  return mark === undefined ? iat * 1000 >= state.restoredAtMs : mark === restoreMark(state);
}

function restoreMark({ restoredAtMs }: Pick<InstallationState, 'restoredAtMs'>): string {
  return restoredAtMs.toString(36);
}

function incarnationOf({ createdAtMs, epoch }: Client): string {
  return `${createdAtMs.toString(36)}-${epoch}`;
}
