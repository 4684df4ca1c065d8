/** The logout token, signed at the moment of delivery. OpenID Connect Back-Channel Logout 1.0 §2.4, §2.5, §2.8 */
import type { Audit } from '../../audit/write-in-transaction-or-batch.ts';
import { newIdentifier } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Channel, Delivery } from '../../notify/channel.ts';
import type { OutboundAnswer, OutboundRequest } from '../../outbound/send-to-checked-address.ts';
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/is-self-registered.ts';
import type { OAuthContext } from '../context.ts';
import { sidFor, subjectFor } from '../sub-and-sid-for-client.ts';
import type { LogoutNotice } from './write-logout-notices.ts';

const TYPE = 'logout+jwt';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** §2.4: short, as it is signed only now. */
const LIVES_SECONDS = 120;

type ChannelContext = Pick<
  OAuthContext,
  'clock' | 'random' | 'settings' | 'keys' | 'clients' | 'subjects' | 'outbound'
> & {
  readonly audit: Audit;
};

/** Delivers the outbox rows of kind `back_channel_logout`. Their payload is a LogoutNotice. */
export function createBackChannelLogout(context: ChannelContext): Channel {
  return {
    async deliver(payload) {
      const notice = payload as LogoutNotice;
      const client = await context.clients.find(notice.client_id);
      const uri = client?.metadata.backchannel_logout_uri;
      // The client was deleted, or no longer asks to be notified.
      if (!client || uri === undefined) return { outcome: 'delivered' };
      const delivery = await post(context, {
        url: uri,
        selfRegistered: isSelfRegistered(client),
        logout_token: await signLogoutToken(context, client, notice),
      });
      record(context, notice, delivery);
      return delivery;
    },
  };
}

async function signLogoutToken(
  context: ChannelContext,
  client: Client,
  notice: LogoutNotice,
): Promise<string> {
  const iat = Math.floor(context.clock.nowMs() / 1000);
  return context.keys.sign(client.metadata.id_token_signed_response_alg, TYPE, {
    iss: context.settings.issuer,
    sub: subjectFor(context, client, notice.sub),
    aud: client.client_id,
    iat,
    exp: iat + LIVES_SECONDS,
    jti: newIdentifier(context.clock, context.random),
    events: { [EVENT]: {} },
    ...(notice.sid !== undefined && { sid: sidFor(context, client, notice.sid) }),
  });
}

interface Posted extends Pick<OutboundRequest, 'url' | 'selfRegistered'> {
  readonly logout_token: string;
}

/** §2.8: 200 (or 204) is done; 400 says that it will never be. No answer is a failure as any other. */
async function post(context: ChannelContext, posted: Posted): Promise<Delivery> {
  try {
    return judge(await send(context, posted));
  } catch (error) {
    return { outcome: 'retry', error: error instanceof Error ? error.message : String(error) };
  }
}

function send({ outbound }: ChannelContext, { logout_token, ...to }: Posted): Promise<OutboundAnswer> {
  return outbound({
    ...to,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token }).toString(),
  });
}

function judge({ status }: OutboundAnswer): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  return { outcome: status === 400 ? 'given_up' : 'retry', error: `it answered ${status}` };
}

function record({ audit }: ChannelContext, { client_id, sub, sid }: LogoutNotice, delivery: Delivery): void {
  const isDelivered = delivery.outcome === 'delivered';
  audit.append({
    type: isDelivered ? 'logout.delivered' : 'logout.failed',
    client_id,
    sub,
    sid,
    ...(!isDelivered && { details: { error: delivery.error } }),
  });
}
