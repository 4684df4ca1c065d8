/**
 * The key exchanges of TLS, in both directions. The peer chooses among them, and pays nothing for the dearest: ffdhe8192
 * takes the event loop 250 ms for a hello of 1 kB, a Diffie-Hellman prime of the peer's own 2 s. CVE-2002-20001, RFC 9325 §4.2
 */
import { createSecureContext, DEFAULT_CIPHERS } from 'node:tls';

/** Without P-521, which takes 20 ms; no browser needs it. */
const CURVES = 'X25519:P-256:P-384';
/** draft-ietf-tls-ecdhe-mlkem: of OpenSSL 3.5, so not of Node 20. */
const WITH_HYBRID = `X25519MLKEM768:${CURVES}`;

/** For the option ecdhCurve. */
export const keyExchangeGroups = isKnown(WITH_HYBRID) ? WITH_HYBRID : CURVES;

/** Node's own ciphers but for those with a prime of the server's choice; TLS 1.2 alone has these. */
export const ciphersWithoutPrimes = `${DEFAULT_CIPHERS}:!kDHE`;

function isKnown(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}
