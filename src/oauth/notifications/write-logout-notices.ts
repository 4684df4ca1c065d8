/**
 * Who hears that sessions ended: every client that got tokens in them. OpenID Connect Back-Channel Logout 1.0 §2.5. A
 * piece is written in the transaction that ends them; what is more waits as one row, and is written in pieces after it.
 */

import { actInSteps } from '../../lib/act-on-list-in-batches.ts';
import type { Clock, Random } from '../../lib/clock-and-random.ts';
import { newLabel } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Channel } from '../../notify/channel.ts';
import type { Database, Tx } from '../../storage/database.ts';
import { pauseAfter } from '../../storage/delete-in-pieces.ts';
import { AT_ONCE, insertOutbox, type OutboxKind } from '../../storage/tables/outbox.ts';
import {
  listClientsOfUser,
  listClientsWithUnendedSession,
  takeClientsOfSession,
  takeEndedSessions,
} from '../../storage/tables/session-clients.ts';
import { type Participant, participants } from './logout-participants.ts';

/** What a row of the outbox holds of a logout. */
export interface LogoutNotice {
  readonly client_id: string;
  readonly sub: string;
  /** Left out where every session of the person ended. §2.4: "sub" alone says so. */
  readonly sid?: string;
}

/** What ended, with notices still to write: one session, or every ended session of the user. */
export interface Ending {
  readonly sub: string;
  readonly sid?: string;
  /** Of all: the client with which the next piece begins. */
  readonly from?: string;
  /** Whether that client has a notice with "sub" alone already. */
  readonly isToldAlone?: boolean;
}

/** One transaction writes notices for at most so many sessions of clients, and reads at most so many clients. */
const PIECE = 200;
const CLIENTS = 50;
/** Pieces are written for so long, then others that wait in the outbox have their turn. */
const TURN_MS = 1000;

interface NoticeContext {
  readonly clock: Clock;
  readonly random: Random;
}

type EndingsContext = NoticeContext & { readonly db: Database };

/** Runs last in the transaction that ended it, so that the notices are sent even if the server stops right after. */
export async function noticeEnding(context: NoticeContext, tx: Tx, ending: Ending): Promise<undefined> {
  const left = await noticePiece(context, tx, ending);
  // Without a destination, so that a query for the notices of a client leaves this row out.
  if (left) await putRows(context, tx, [rowOf('sessions_ended', '', left)]);
}

/** Writes the notices of what waits, for a while; then what is left waits again. */
export function createEndings(context: EndingsContext): Channel {
  return {
    async deliver(payload) {
      await noticePieces(context, payload as Ending, performance.now() + TURN_MS);
      return { outcome: 'delivered' };
    },
  };
}

/** Writes the notices of all that ended of a person, before what is known of these sessions goes. */
export function noticeAllEnded(context: EndingsContext, sub: string): Promise<void> {
  return noticePieces(context, { sub }, Number.POSITIVE_INFINITY);
}

async function noticePieces(context: EndingsContext, ending: Ending, endMs: number): Promise<void> {
  for (let left: Ending | undefined = ending; left; ) {
    const piece: Ending = left;
    const startMs = performance.now();
    const notice = startMs < endMs ? noticePiece : noticeEnding;
    left = await context.db.write((tx) => notice(context, tx, piece));
    if (left) await pauseAfter(performance.now() - startMs);
  }
}

/** Gives what is left. */
async function noticePiece(context: NoticeContext, tx: Tx, ending: Ending): Promise<Ending | undefined> {
  const { sub, sid } = ending;
  if (sid === undefined) return noticePieceOfAll(context, tx, ending);
  const clientIds = await takeClientsOfSession(tx, sid, PIECE);
  const clients = (await participants(tx, clientIds)).filter(getsNotices);
  await put(
    context,
    tx,
    clients.map(({ client_id }) => ({ client_id, sub, sid })),
  );
  return clientIds.length < PIECE ? undefined : ending;
}

/**
 * One notice for a client, with sub alone, unless it demands the sid or goes on in a session that stays (§2.6: sub alone
 * ends all).
 */
async function noticePieceOfAll(
  context: NoticeContext,
  tx: Tx,
  { sub, from, isToldAlone = false }: Ending,
): Promise<Ending | undefined> {
  const piece = await takePiece(tx, sub, from);
  const clientIds = piece.parts.map(({ client_id }) => client_id);
  const clients = (await participants(tx, clientIds)).filter(getsNotices);
  const remaining = new Set(await clientsThatRemain(tx, sub, clients));
  const isAlone = ({ client_id, metadata }: Participant) =>
    !metadata.backchannel_logout_session_required && !remaining.has(client_id);
  const notices = clients.flatMap((client): LogoutNotice[] => {
    const { client_id } = client;
    if (isAlone(client)) return isToldAlone && client_id === from ? [] : [{ client_id, sub }];
    const sids = piece.parts.find((part) => part.client_id === client_id)?.sids ?? [];
    return sids.map((sid) => ({ client_id, sub, sid }));
  });
  await put(context, tx, notices);
  const next = clients.find(({ client_id }) => client_id === piece.next);
  return piece.next === undefined
    ? undefined
    : { sub, from: piece.next, ...(next && isAlone(next) && { isToldAlone: true }) };
}

interface Piece {
  /** Of each client the sessions that ended. */
  readonly parts: readonly { readonly client_id: string; readonly sids: readonly string[] }[];
  /** The client of which there may be more; undefined where all was taken. */
  readonly next: string | undefined;
}

async function takePiece(tx: Tx, sub: string, from = ''): Promise<Piece> {
  const parts: Piece['parts'][number][] = [];
  const clientIds = await listClientsOfUser(tx, { sub, from, limit: CLIENTS + 1 });
  let room = PIECE;
  for (const client_id of clientIds.slice(0, CLIENTS)) {
    const sids = await takeEndedSessions(tx, { sub, client_id, limit: room });
    if (sids.length > 0) parts.push({ client_id, sids });
    room -= sids.length;
    if (room === 0) return { parts, next: client_id };
  }
  return { parts, next: clientIds[CLIENTS] };
}

function clientsThatRemain(tx: Tx, sub: string, clients: readonly Participant[]): Promise<string[]> {
  const clientIds = clients.map(({ client_id }) => client_id);
  return clientIds.length === 0 ? Promise.resolve([]) : listClientsWithUnendedSession(tx, sub, clientIds);
}

function getsNotices({ metadata }: Participant): boolean {
  return metadata.backchannel_logout_uri !== undefined;
}

async function put(context: NoticeContext, tx: Tx, notices: readonly LogoutNotice[]): Promise<void> {
  const rows = notices.map((notice) => rowOf('back_channel_logout', notice.client_id, notice));
  await actInSteps(rows, (step) => putRows(context, tx, step));
}

interface NoticeRow {
  readonly kind: OutboxKind;
  readonly destination: string;
  readonly person: string;
  readonly payload: string;
}

function rowOf(kind: OutboxKind, destination: string, content: LogoutNotice | Ending): NoticeRow {
  return { kind, destination, person: content.sub, payload: JSON.stringify(content) };
}

function putRows({ clock, random }: NoticeContext, tx: Tx, rows: readonly NoticeRow[]): Promise<void> {
  return insertOutbox(
    tx,
    rows.map((row) => ({ ...row, outbox_key: newLabel(clock, random), next_at: AT_ONCE })),
  );
}
