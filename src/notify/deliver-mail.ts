/** Delivers the outbox rows of kind `mail`: by the mail server of the settings, or in development into files. */
import type { Audit } from '../audit/write-in-transaction-or-batch.ts';
import type { Mailbox } from '../config/parse-mail-settings.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { Logger } from '../lib/log.ts';
import type { Channel, Delivery } from './channel.ts';
import { keepInFile, mailFolderOf } from './keep-mail-in-files.ts';
import { createNoticeRenderer, type RenderedNotice } from './render-notice.ts';
import { createSmtpClient, MailServerError } from './send-by-smtp.ts';
import type { MailedNotice } from './write-notices.ts';

/** Mail servers take longer than apps: TLS, a login and a look at the message. */
export const MAIL_LIMIT_MS = 10_000;

interface MailContext {
  readonly settings: Settings;
  readonly log: Logger;
  readonly audit: Audit;
}

/** `limitMs` is the time for one attempt. */
export function createMailChannel(context: MailContext, limitMs = MAIL_LIMIT_MS): Channel {
  // Made when it is first needed: a command that delivers nothing reads no texts.
  let render: ReturnType<typeof createNoticeRenderer> | undefined;
  const handOver = createHandOver(context, limitMs);
  return {
    // The conversation ends by itself within its limit.
    limitMs: limitMs + 1000,
    async deliver(payload) {
      const mailed = payload as MailedNotice;
      render ??= createNoticeRenderer(context.settings.issuer);
      const delivery = await handOver(mailed, render(mailed));
      record(context, mailed, delivery);
      return delivery;
    },
  };
}

type HandOver = (mailed: MailedNotice, rendered: RenderedNotice) => Promise<Delivery>;

function createHandOver({ settings, log }: MailContext, limitMs: number): HandOver {
  const { smtp_url, development } = settings;
  if (smtp_url === undefined) return development ? intoFiles(settings, log) : async () => NOT_OFFERED;
  const from = senderOf(settings);
  const client = createSmtpClient(settings, smtp_url, limitMs);
  return async (mailed, rendered) => {
    try {
      const message = await compose(from, mailed, rendered);
      await client.send({ from: from.address, to: mailed.to }, message);
      return { outcome: 'delivered' };
    } catch (error) {
      if (!(error instanceof MailServerError)) throw error;
      if (error.answer !== undefined)
        log.warn({ outbox_key: mailed.id, answer: error.answer }, error.message);
      return { outcome: error.isFinal ? 'given_up' : 'retry', error: error.message };
    }
  };
}

const NOT_OFFERED: Delivery = { outcome: 'given_up', error: 'there is no smtp_url any more' };

function intoFiles(settings: Settings, log: Logger): HandOver {
  const from = senderOf(settings);
  return async (mailed, rendered) => {
    const message = await compose(from, mailed, rendered);
    const file = keepInFile(mailFolderOf(settings), mailed.id, message);
    const { subject, text } = rendered;
    log.info({ to: mailed.to, subject, text, file }, 'mail, kept in a file: there is no smtp_url');
    return { outcome: 'delivered' };
  };
}

interface Sender extends Mailbox {
  /** The host of the issuer, for the Message-ID. */
  readonly hostname: string;
}

/** Without mail_from, which development may lack, an address that nobody answers. */
function senderOf({ mail_from, issuer }: Settings): Sender {
  const { hostname } = new URL(issuer);
  return { name: '', address: `gatehouse@${hostname}`, ...mail_from, hostname };
}

/** RFC 5322; RFC 3834 §5 (Auto-Submitted): no absence notice answers. The library encodes headers and takes out line breaks. */
async function compose(
  { name, address, hostname }: Sender,
  { id, to, at }: MailedNotice,
  { subject, text, html }: RenderedNotice,
): Promise<Buffer> {
  // Loaded with the first mail: a command that delivers nothing need not wait for it.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  return new MailComposer({
    from: { name, address },
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${hostname}>`,
    date: new Date(at),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

function record({ audit }: MailContext, { sub, notice }: MailedNotice, delivery: Delivery): void {
  if (delivery.outcome === 'delivered') audit.append({ type: 'mail.delivered', sub, details: { notice } });
  else audit.append({ type: 'mail.failed', sub, details: { notice, error: delivery.error } });
}
