/** The TLS options, where Gatehouse itself terminates TLS. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ConfigurationError } from '../config/configuration-error.ts';
import { readPem } from '../config/read-pem.ts';
import type { Settings } from '../config/settings-schema.ts';
import { keyExchangeGroups } from '../lib/tls-key-exchange.ts';

/** The curves that TLS 1.3 has a signature scheme for and every client knows (RFC 8446 §4.2.3). */
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** RFC 5958 §3, RFC 1421 §4.6.1.1 */
const HAS_PASSPHRASE = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/** FAPI 2.0 §5.2, BCP 195: TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3. Throws {@link ConfigurationError}. */
export function tlsOptions(certFile: string, keyFile: string) {
  const pair = { cert: readPem('tls_cert', certFile), key: readPem('tls_key', keyFile) };
  if (HAS_PASSPHRASE.test(pair.key)) {
    throw new ConfigurationError(
      `tls_key (${keyFile}) has a passphrase, which nobody is there to type; write it without one: ` +
        `openssl pkey -in ${keyFile} -out ANOTHER.key`,
    );
  }
  try {
    createSecureContext(pair);
    checkPair(pair);
  } catch (error) {
    throw new ConfigurationError(
      `tls_cert (${certFile}) and tls_key (${keyFile}) are not a certificate and its key (${(error as Error).message}); ` +
        'both are PEM files, the certificate with its chain after it',
    );
  }
  return {
    ...pair,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    ecdhCurve: keyExchangeGroups,
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
    ].join(':'),
  } as const;
}

/** Refuses what OpenSSL accepts here and then fails every handshake with: an empty file, a curve that no client offers. */
function checkPair({ cert, key }: { readonly cert: string; readonly key: string }): void {
  const privateKey = createPrivateKey(key);
  if (!new X509Certificate(cert).checkPrivateKey(privateKey))
    throw new Error('the key is of another certificate');
  const curve = privateKey.asymmetricKeyDetails?.namedCurve;
  if (curve !== undefined && !CURVES.includes(curve))
    throw new Error(`the key is on the curve ${curve}; clients know ${CURVES.join(', ')}`);
}

/** The TLS options; undefined where the settings have no certificate. */
export function tlsOf({ tls_cert, tls_key }: Settings) {
  return tls_cert === undefined || tls_key === undefined ? undefined : tlsOptions(tls_cert, tls_key);
}
