/** Writes a notice to a person in the transaction of what it tells of: it is neither lost nor sent for what was rolled back. */
import type { RequestSource } from '../audit/request-source.ts';
import type { Audit } from '../audit/write-in-transaction-or-batch.ts';
import { languages } from '../config/built-in-page-languages.ts';
import { lookUp } from '../config/match-page-language.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { Clock, Random } from '../lib/clock-and-random.ts';
import type { Logger } from '../lib/log.ts';
import { newLabel } from '../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../storage/database.ts';
import { AT_ONCE, insertOutbox, MAIL_DESTINATION } from '../storage/tables/outbox.ts';
import { findStayingUser, type UserRow } from '../storage/tables/users.ts';
import { countNotice } from './limit-notices-per-address.ts';
import { isMailOffered } from './mail-offered.ts';
import type { SecurityNotice } from './security-notices.ts';

/** What a row of the outbox holds of a mail; never a secret. */
export interface MailedNotice {
  /** The key of the row, and part of the Message-ID, so that a mail that is delivered twice is recognised. */
  readonly id: string;
  readonly sub: string;
  readonly to: string;
  readonly notice: SecurityNotice;
  /** When it happened, in milliseconds. */
  readonly at: number;
  readonly username: string;
  /** The tag of one of our languages. */
  readonly language: string;
  readonly client_name?: string | undefined;
  /** From where it was done, where the person did it. */
  readonly address?: string | undefined;
  readonly user_agent?: string | undefined;
}

export interface NoticeDetails {
  readonly source?: Pick<RequestSource, 'address' | 'userAgent'> | undefined;
  readonly client_name?: string | undefined;
}

/** A person as stored. */
export type Addressee = Pick<UserRow, 'sub' | 'username' | 'email' | 'claims'>;

export interface Notices {
  /**
   * Tells the person, named by sub or as they were stored before a change, at their e-mail address. Writes nothing where no
   * mail is offered, or the person has no address that is verified.
   */
  tell(tx: Tx, to: string | Addressee, notice: SecurityNotice, details?: NoticeDetails): Promise<void>;
}

interface NoticeContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly audit: Audit;
  readonly settings: Settings;
}

/** Bounds what an app or a browser said of itself. */
const LONGEST = 200;

/** The one way to put mail into the outbox. */
export function createNotices(context: NoticeContext): Notices {
  return {
    async tell(tx, to, notice, details = {}) {
      if (!isMailOffered(context.settings)) return;
      const person = typeof to === 'string' ? await findStayingUser(tx, to) : to;
      const address = person && verifiedAddressOf(person);
      if (!person || address === undefined) return;
      const surplus = await countNotice(context, tx, notice, address);
      if (surplus > 0) drop(context, tx, person.sub, notice, surplus);
      else await put(context, tx, person, { to: address, notice, ...about(details) });
    },
  };
}

/** OpenID Connect Core §5.1: an address that the operator stored is verified, unless the claim says otherwise. */
function verifiedAddressOf({ email, claims }: Addressee): string | undefined {
  const { email_verified = true } = JSON.parse(claims);
  return email_verified === true ? (email ?? undefined) : undefined;
}

const about = ({ source, client_name }: NoticeDetails) => ({
  client_name: client_name?.slice(0, LONGEST),
  address: source?.address,
  user_agent: source?.userAgent.slice(0, LONGEST),
});

async function put(
  { clock, random }: NoticeContext,
  tx: Tx,
  { sub, username, claims }: Addressee,
  told: Pick<MailedNotice, 'to' | 'notice' | 'client_name' | 'address' | 'user_agent'>,
): Promise<void> {
  const id = newLabel(clock, random);
  const language = languageOf(claims);
  const mailed: MailedNotice = { id, sub, at: clock.nowMs(), username, language, ...told };
  const row = { kind: 'mail', destination: MAIL_DESTINATION, person: sub, next_at: AT_ONCE } as const;
  await insertOutbox(tx, [{ ...row, outbox_key: id, payload: JSON.stringify(mailed) }]);
}

/** By the claim `locale`, also as older systems write it (de_CH); otherwise English. OpenID Connect Core §5.1 */
function languageOf(claims: string): string {
  const { locale } = JSON.parse(claims);
  const tag = typeof locale === 'string' ? locale.replaceAll('_', '-') : '';
  return (lookUp([tag]) ?? languages[0]).tag;
}

function drop(
  { audit, log }: NoticeContext,
  tx: Tx,
  sub: string,
  notice: SecurityNotice,
  surplus: number,
): void {
  audit.record(tx, { type: 'mail.dropped', sub, details: { notice } });
  log.warn({ sub, notice, dropped_in_this_hour: surplus }, 'a notice is not mailed: too many of its kind');
}
