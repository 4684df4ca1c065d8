/** Who hears that a session ended: every client that got tokens in it. OpenID Connect Back-Channel Logout 1.0 §2.5 */
import { newLabel } from '../../lib/ids.ts';
import { nextTurn } from '../../lib/next-turn.ts';
import type { Clock, Random } from '../../lib/runtime.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import { insertOutbox } from '../../storage/tables/outbox.ts';
import {
  listClientsOfSession,
  listClientsOfUser,
  listSessionsWithClient,
} from '../../storage/tables/session-clients.ts';
import { type Client, readEnabledClients } from '../clients/client.ts';

/** What a row of the outbox holds of a logout. */
export interface LogoutNotice {
  readonly client_id: string;
  readonly sub: string;
  /** Left out where every session of the person ended. §2.4: "sub" alone says so. */
  readonly sid?: string;
}

/** Of one person, for one client that wants to hear of each session by its sid. */
const MOST_SIDS = 1000;
/** Read or written by one statement, before others get their turn. */
const STEP = 100;

/** A client that took part, as it stands in the database. */
type Participant = Pick<Client, 'client_id' | 'metadata'>;

interface NoticeContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** The clients that took part in a session, as they stand in the database. */
export async function clientsOfSession(db: Reader, sid: string): Promise<Participant[]> {
  return enabledClients(db, await listClientsOfSession(db, sid));
}

/** The clients that took part in any live session of the person but `exceptSid`. */
export async function clientsOfUser(
  db: Reader,
  nowMs: number,
  { sub, exceptSid }: { readonly sub: string; readonly exceptSid: string },
): Promise<Participant[]> {
  return enabledClients(db, await listClientsOfUser(db, nowMs, { sub, exceptSid }));
}

async function enabledClients(db: Reader, clientIds: readonly string[]): Promise<Participant[]> {
  const found: Participant[] = [];
  await inSteps(clientIds, async (step) => {
    found.push(...(await readEnabledClients(db, step)));
  });
  return found;
}

async function inSteps<One>(
  all: readonly One[],
  act: (step: readonly One[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < all.length; start += STEP) {
    if (start > 0) await nextTurn();
    await act(all.slice(start, start + STEP));
  }
}

/** In the transaction that ends the session: whoever must be told is told, though the server stop the moment after. */
export async function noticeLogout(context: NoticeContext, tx: Tx, sub: string, sid: string): Promise<void> {
  const told = (await clientsOfSession(tx, sid)).filter(isTold);
  await put(
    context,
    tx,
    told.map(({ client_id }) => ({ client_id, sub, sid })),
  );
}

/**
 * Every session of the person but `exceptSid`, in the transaction that ends them and before it does. One notice for a
 * client, with sub alone, unless it demands the sid or goes on in the session that stays (§2.6: sub alone ends all).
 */
export async function noticeLogoutOfAll(
  context: NoticeContext,
  tx: Tx,
  sub: string,
  exceptSid: string,
): Promise<void> {
  const staying = new Set(exceptSid === '' ? [] : await listClientsOfSession(tx, exceptSid));
  const told = (await clientsOfUser(tx, context.clock.nowMs(), { sub, exceptSid })).filter(isTold);
  const isToldEach = ({ client_id, metadata }: Participant) =>
    metadata.backchannel_logout_session_required || staying.has(client_id);
  for (const { client_id } of told.filter(isToldEach))
    await putEach(context, tx, { client_id, sub, exceptSid });
  const others = told.filter((client) => !isToldEach(client));
  await put(
    context,
    tx,
    others.map(({ client_id }) => ({ client_id, sub })),
  );
}

function isTold({ metadata }: Participant): boolean {
  return metadata.backchannel_logout_uri !== undefined;
}

async function putEach(
  context: NoticeContext,
  tx: Tx,
  asked: { readonly client_id: string; readonly sub: string; readonly exceptSid: string },
): Promise<void> {
  const { client_id, sub } = asked;
  const sids = await listSessionsWithClient(tx, context.clock.nowMs(), { ...asked, limit: MOST_SIDS });
  await put(
    context,
    tx,
    sids.map((sid) => ({ client_id, sub, sid })),
  );
}

async function put(
  { clock, random }: NoticeContext,
  tx: Tx,
  notices: readonly LogoutNotice[],
): Promise<void> {
  await inSteps(notices, (step) =>
    insertOutbox(
      tx,
      step.map((notice) => ({
        outbox_key: newLabel(clock, random),
        kind: 'back_channel_logout',
        destination: notice.client_id,
        person: notice.sub,
        payload: JSON.stringify(notice),
        next_at: clock.nowMs(),
      })),
    ),
  );
}
