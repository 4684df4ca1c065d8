/** Checks whether the server sees the address of the client behind its proxies. RFC 9700 §4.13 */
import { z } from 'zod';
import type { Settings } from '../../config/settings-schema.ts';
import { newDoctorProof } from '../../http/authenticate-doctor-by-master-key.ts';
import type { ForwardingDetails } from '../../http/forwarding-header-details.ts';
import { describeMalformedHop, describeUntrusted } from '../../http/forwarding-warnings.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { AnswerError, ask, authorityOf, readAnswer } from '../bounded-http-client.ts';
import { type Finding, fail, type OutsideCheck, pass, warn } from './check.ts';
import { NOT_FOUND, warnNotFound } from './explain-missing-doctor-endpoint.ts';

const HEADER = 'nginx: proxy_set_header X-Forwarded-For $remote_addr;';

const waySchema = z.object({
  peer: z.string(),
  isTrusted: z.boolean(),
  headers: z.array(z.string()),
  address: z.string(),
  before: z.array(z.string()),
  unread: z.string().optional(),
});

/** Asks the server at its issuer, which answers how the request arrived. */
export const proxyCheck: OutsideCheck = {
  name: 'proxy',
  async look(settings) {
    const url = `${settings.issuer}/health/way`;
    const authorization = newDoctorProof(settings, systemClock.nowMs());
    try {
      const answer = await ask(url, { headers: { authorization }, authority: authorityOf(settings) });
      return answer.status === NOT_FOUND ? warnNotFound(url) : judge(readAnswer(answer, waySchema), settings);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return fail(error.message, 'mend what the check of the issuer says first');
    }
  },
};

function judge(details: ForwardingDetails, settings: Settings): Finding {
  const { peer, isTrusted, headers, address, before, unread } = details;
  // The issuer is https and the server itself serves http, so that a proxy must be between.
  const hasProxy = !settings.development && settings.tls_cert === undefined;
  if (headers.length > 0 && !isTrusted) {
    return warn(describeUntrusted(details), `if it is your proxy, write trusted_proxies: ${peer}`);
  }
  if (unread !== undefined)
    return warn(`${describeMalformedHop(details)}; it wrote ${JSON.stringify(unread)}`, HEADER);
  if (before.length > 0) {
    return warn(
      `${address} asks for others, by X-Forwarded-For, and trusted_proxies does not name it: everybody behind it shares one throttle`,
      `if it is your proxy, add ${address} to trusted_proxies`,
    );
  }
  if (!hasProxy || headers.includes('x-forwarded-for'))
    return pass(isTrusted ? `${peer} asks for ${address}` : `${peer} asks`);
  return isTrusted
    ? warn(
        `the proxy ${peer} does not say by X-Forwarded-For for whom it asks: everybody has its address`,
        HEADER,
      )
    : warn(
        `${peer} ends https and does not say for whom it asks: everybody has its address`,
        `${HEADER} and here trusted_proxies: ${peer}`,
      );
}
