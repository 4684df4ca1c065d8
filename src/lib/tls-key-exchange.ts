/**
 * The key exchanges of TLS, for incoming and outgoing connections. The peer chooses one, and the most expensive costs it
 * nothing: ffdhe8192 blocks the event loop for 250 ms for a hello of 1 kB, a Diffie-Hellman prime that the peer chose for
 * 2 s. CVE-2002-20001, RFC 9325 §4.2
 */
import { createSecureContext, DEFAULT_CIPHERS } from 'node:tls';

/** P-521 is left out: it takes 20 ms, and no browser needs it. */
const CURVES = 'X25519:P-256:P-384';
/** draft-ietf-tls-ecdhe-mlkem: OpenSSL 3.5 has it, so Node 20 does not. */
const WITH_HYBRID = `X25519MLKEM768:${CURVES}`;

/** The value of the option ecdhCurve. */
export const keyExchangeGroups = isKnown(WITH_HYBRID) ? WITH_HYBRID : CURVES;

/** Node's default ciphers without those whose prime the server chooses, which only TLS 1.2 has. */
export const ciphersWithoutPrimes = `${DEFAULT_CIPHERS}:!kDHE`;

function isKnown(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}
