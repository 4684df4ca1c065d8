/** A certificate authority of the run's own, and what it signed: strict TLS libraries take no authority as a server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Authority {
  /** PEM text, and the file that holds it. */
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const EC = { keyType: 'ec', algorithm: 'sha256' } as const;

export async function newAuthority(directory: string, host: string): Promise<Authority> {
  const root = await generate([{ name: 'commonName', value: 'Gatehouse test authority' }], {
    ...EC,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: host }], {
    ...EC,
    ca: { key: root.private, cert: root.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  return {
    ca: root.cert,
    caFile: file('ca.pem', root.cert),
    certFile: file('cert.pem', leaf.cert),
    keyFile: file('key.pem', leaf.private),
  };
}
