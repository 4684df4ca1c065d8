/** The stored interaction, bound to one browser. */
import type { RequestSource } from '../../audit/request-source.ts';
import type { IdentityContext, SessionReadContext } from '../../identity/context.ts';
import { addressBucket } from '../../lib/address-bucket.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { newIdentifier, timePrefix } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Reader } from '../../storage/database.ts';
import { INTERACTION_KEPT_MS } from '../../storage/restore-and-cleanup-rules/interactions.ts';
import {
  claimInteraction,
  findInteraction,
  type InteractionRow,
  insertInteraction,
  renewInteraction,
} from '../../storage/tables/interactions.ts';
import type { Client } from '../clients/client.ts';
import type { ClientsContext } from '../clients/context.ts';
import { readClient } from '../clients/read-clients.ts';
import { OAuthError } from '../errors.ts';
import { isRegisteredRedirectUri } from '../match-redirect-uri.ts';
import type { Parameters } from '../parameters.ts';
import type { AskedRequest } from './authorization-request-types.ts';
import { isBoundTo } from './check-browser-of-interaction.ts';
import type { InteractionContext, StoreContext } from './context.ts';
import { purposes } from './purposes/index.ts';
import type { Purpose } from './purposes/purpose.ts';
import type { Done } from './situation-for-next-step.ts';
import { NOTHING_DONE, remainingOf } from './steps/done-steps.ts';
import { steps } from './steps/index.ts';
import { findDone, readDone, writeDone } from './stored-done-steps.ts';

/** The most bytes of a stored request. */
const LONGEST_REQUEST = 16_384;

/** So many characters never become as many bytes: JSON takes at most six for one, and what we add is short. */
const SHORT_REQUEST = 2000;

/** What is asked, for what, and by which app. */
export interface Wanted {
  readonly purpose: Purpose;
  readonly request: AskedRequest;
  /** undefined where no app asked. */
  readonly client: Client | undefined;
}

export interface Interaction extends Wanted {
  readonly row: InteractionRow;
  /** The steps that were done in it. */
  readonly done: Done;
}

/** One in which an app asks. */
export interface AppInteraction extends Interaction {
  readonly client: Client;
}

/** Throws OAuthError where the request is longer than may be stored: a redirect would send it on. */
export function boundRequest(wanted: Wanted, { characters }: Parameters): void {
  if (characters > SHORT_REQUEST) storedText(wanted);
}

function storedText({ purpose, request, client }: Wanted): string {
  const text = purpose.write(request, client);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LONGEST_REQUEST) return text;
  throw over(
    'request_too_long',
    `the authorization request takes ${bytes} bytes, and ${LONGEST_REQUEST} is the most; shorten its state, claims, acr_values or scope`,
  );
}

/**
 * Stores the request. `browser` is the value of the browser's cookie; undefined leaves it to the first
 * visit. Throws OAuthError where the request is too long, the address had more stored than one may, or the client was
 * switched off meanwhile.
 */
export async function storeInteraction(
  context: StoreContext,
  wanted: Wanted,
  { browser, source }: { readonly browser: string | undefined; readonly source: RequestSource },
): Promise<string> {
  const { purpose, client } = wanted;
  const text = storedText(wanted);
  const kilobytes = Math.ceil(Buffer.byteLength(text) / 1024);
  const waitSeconds = context.storageAllowance.take(addressBucket(source.address), kilobytes);
  if (waitSeconds > 0) throw tooMany(waitSeconds);
  const nowMs = context.clock.nowMs();
  const interaction_id = newIdentifier(context.clock, context.random);
  const isStored = await context.db.write((tx) =>
    insertInteraction(tx, {
      interaction_id,
      purpose: purpose.name,
      browser_hash: browser === undefined ? null : sha256(browser),
      client_id: client?.client_id ?? null,
      request: text,
      done: writeDone(NOTHING_DONE),
      created_at: nowMs,
      expires_at: nowMs + context.settings.interaction_seconds * 1000,
      completed_at: null,
    }),
  );
  if (!isStored) throw switchedOff();
  return interaction_id;
}

/**
 * The interaction of this browser; one that expired begins anew, as long as it is kept. Throws OAuthError where it is
 * unknown, over, or another browser's (A056).
 */
export async function readInteraction(
  context: InteractionContext,
  interactionId: string,
  browser: string | undefined,
): Promise<Interaction> {
  const found = await findBound(context, interactionId, browser);
  const row = found.expires_at > context.clock.nowMs() ? found : await renew(context, found);
  const purpose = purposes.find(({ name }) => name === row.purpose);
  if (!purpose) throw unknown();
  const client = row.client_id === null ? undefined : await findApp(context, row.client_id);
  const { metadata_hash, request } = purpose.read(row.request);
  if (client && !isStillOf(client, request, metadata_hash)) throw changed();
  return { row, purpose, request, client, done: readDone(row.done) };
}

/** As {@link readInteraction}, where an app asks. */
export async function readAppInteraction(
  context: InteractionContext,
  interactionId: string,
  browser: string | undefined,
): Promise<AppInteraction> {
  const interaction = await readInteraction(context, interactionId, browser);
  const { client } = interaction;
  if (!client) throw unknown();
  return { ...interaction, client };
}

async function findApp(context: ClientsContext, client_id: string): Promise<Client> {
  const client = await context.clients.find(client_id);
  if (!client || client.disabled) throw switchedOff();
  return client;
}

/** A076, Y6: otherwise the pages showed, and the redirect was checked for, another registration of the client. */
function isStillOf(client: Client, { target }: AskedRequest, metadata_hash: string | undefined): boolean {
  if (metadata_hash !== undefined && metadata_hash !== client.metadataHash) return false;
  return target === undefined || isRegisteredRedirectUri(client, target.redirect_uri);
}

async function findBound(
  context: Pick<IdentityContext, 'db'>,
  interactionId: string,
  browser: string | undefined,
): Promise<InteractionRow> {
  const row = await findInteraction(context.db, interactionId);
  if (!row) throw unknown();
  const bound = row.browser_hash === null ? await claim(context, row, browser) : isBoundTo(row, browser);
  if (!bound && browser === undefined) {
    const description = 'the cookie that this sign-in is bound to did not come';
    throw new OAuthError('invalid_request', 'missing_browser_cookie', description, { status: 403 });
  }
  if (!bound) {
    throw new OAuthError(
      'invalid_request',
      'foreign_interaction',
      'this sign-in was started in another browser',
      {
        status: 403,
      },
    );
  }
  if (row.completed_at !== null)
    throw over('interaction_completed', 'this sign-in is finished; start again from the app');
  return row;
}

/**
 * A user who submits a form late continues, as if they had reloaded the app's own link. An interaction that was never
 * bound to a browser is not renewed: nothing shows that this browser began it.
 */
async function renew(context: SessionReadContext, row: InteractionRow): Promise<InteractionRow> {
  const nowMs = context.clock.nowMs();
  const isKept = row.interaction_id >= timePrefix(nowMs - INTERACTION_KEPT_MS);
  if (row.browser_hash === null || !isKept) {
    throw over('interaction_expired', 'this sign-in took too long; start again from the app');
  }
  const expires_at = nowMs + context.settings.interaction_seconds * 1000;
  await context.db.write(async (tx) => {
    const done = remainingOf(await findDone(tx, row.interaction_id), steps);
    await renewInteraction(tx, row.interaction_id, { nowMs, expires_at, done: writeDone(done) });
  });
  return (await findInteraction(context.db, row.interaction_id)) ?? row;
}

/** Whether the client is no longer the one that the interaction was read with; in the caller's transaction. */
export async function hasClientChanged(
  tx: Reader,
  { client }: Pick<AppInteraction, 'client'>,
): Promise<boolean> {
  const now = await readClient(tx, client.client_id);
  return now === undefined || now.disabled || now.metadataHash !== client.metadataHash;
}

function unknown(): OAuthError {
  return over('unknown_interaction', 'this sign-in is not known; start again from the app');
}

function switchedOff(): OAuthError {
  return over('client_disabled', 'this app is switched off');
}

/** The error `client_changed` (400), where the client's registration changed after the interaction began. */
export function changed(): OAuthError {
  return over('client_changed', 'this app changed its registration meanwhile; start again from the app');
}

async function claim(
  context: Pick<IdentityContext, 'db'>,
  row: InteractionRow,
  browser: string | undefined,
): Promise<boolean> {
  if (browser === undefined) return false;
  return context.db.write((tx) => claimInteraction(tx, row.interaction_id, sha256(browser)));
}

function tooMany(retryAfterSeconds: number): OAuthError {
  const description = 'more sign-ins were begun from this address than can be kept; try again later';
  return new OAuthError('temporarily_unavailable', 'too_many_sign_ins', description, {
    status: 429,
    retryAfterSeconds,
  });
}

function over(reason: Reason, description: string): OAuthError {
  return new OAuthError('invalid_request', reason, description);
}
