/** Checks how long the served certificate and the one in tls_cert are valid. */

import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { readPem } from '../../config/read-pem.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { tlsOptions } from '../../http/tls-options.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { DAY_MS } from '../../lib/durations.ts';
import { reachableHost } from '../server-address-on-this-machine.ts';
import { type Finding, fail, type OutsideCheck, pass, warn } from './check.ts';

const SOON_DAYS = 14;
const TIMEOUT_MS = 5000;

export const certificateCheck: OutsideCheck = {
  name: 'certificate',
  async look(settings) {
    const { protocol, hostname, port } = new URL(settings.issuer);
    if (protocol !== 'https:') return pass('the issuer is http: there is none');
    const host = hostname.replace(/^\[|\]$/g, '');
    const served = await fetchCertificate({ host, port: Number(port || 443) });
    const own = await examineOwnFile(settings);
    if (own && own.status !== 'PASS') return own;
    return served ? judge(`the certificate of ${hostname}`, served) : (own ?? NOT_SERVED);
  },
};

const NOT_SERVED = warn('no certificate is served at the issuer', 'see the check of the issuer');

/** Checks the file in tls_cert, and whether the server on this machine has read it since it was renewed. */
async function examineOwnFile({ tls_cert, tls_key, listen }: Settings): Promise<Finding | undefined> {
  if (tls_cert === undefined || tls_key === undefined) return undefined;
  // Throws the same error as a start where they cannot be used.
  tlsOptions(tls_cert, tls_key);
  const inFile = new X509Certificate(readPem('tls_cert', tls_cert));
  const finding = judge(`the certificate in ${tls_cert}`, inFile);
  if (finding.status !== 'PASS') return finding;
  const served = await fetchCertificate({ host: reachableHost(listen.host), port: listen.port });
  if (!served || served.fingerprint256 === inFile.fingerprint256) return finding;
  return warn(
    `the server still serves the certificate that ended or ends on ${day(Date.parse(served.validTo))}, not the one in ${tls_cert}`,
    'restart the server: it reads tls_cert when it starts',
  );
}

function judge(what: string, { validFrom, validTo }: X509Certificate): Finding {
  const nowMs = systemClock.nowMs();
  const [beginsAtMs, endsAtMs] = [Date.parse(validFrom), Date.parse(validTo)];
  const days = Math.floor((endsAtMs - nowMs) / DAY_MS);
  const ends = `on ${day(endsAtMs)}`;
  const clock = `the clock of this machine says ${new Date(nowMs).toISOString()}`;
  if (nowMs < beginsAtMs) return fail(`${what} begins on ${day(beginsAtMs)}, and ${clock}`, EARLY);
  if (days < 0) return fail(`${what} ended ${ends}, and ${clock}`, LATE);
  const evidence = `${what} ends ${ends}, in ${days} days`;
  return days < SOON_DAYS
    ? warn(evidence, 'renew it, and see why that did not happen by itself')
    : pass(evidence);
}

const EARLY =
  'set the clock (timedatectl); where it is right, serve the certificate from before until then: nobody can sign in';
const LATE = 'renew it; nobody can sign in until then. Where the clock is wrong, set it (timedatectl)';

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Accepts any certificate; whether it is trusted is checked by the check of the issuer. */
function fetchCertificate(place: {
  readonly host: string;
  readonly port: number;
}): Promise<X509Certificate | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, servername: serverName(place.host), rejectUnauthorized: false });
    const end = (found: X509Certificate | undefined) => {
      resolve(found);
      socket.destroy();
    };
    socket.setTimeout(TIMEOUT_MS, () => end(undefined));
    socket.once('error', () => end(undefined));
    socket.once('secureConnect', () => end(socket.getPeerX509Certificate()));
  });
}

/** RFC 6066 §3: an address is not a server name. */
const serverName = (host: string) => (/^[\d.]+$|:/.test(host) ? '' : host);
