import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM text, which is its own authority. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate for these host names and this machine, signed by itself, in two files of `directory`. */
export async function newCertificate(
  directory: string,
  ...hosts: readonly [string, ...string[]]
): Promise<Certificate> {
  const [host] = hosts;
  const altNames = [
    ...hosts.map((value) => ({ type: 2 as const, value })),
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { certFile, keyFile, cert, key };
}
