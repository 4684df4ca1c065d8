/** A server whose certificate comes from the operator's own authority: commands that ask it trust outbound_ca too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificate, newCertificate } from '../conformance/certificate.ts';
import { type Ran, runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

let directory: string;
let certificate: Certificate;
let issuer: string;
let server: TestServer;
let client_id: string;
let secret: string | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-authority-'));
  certificate = await newCertificate(directory, 'id.example.com');
  const port = await freePort();
  issuer = `https://localhost:${port}`;
  server = await startServer({
    port,
    environment: {
      GATEHOUSE_ISSUER: issuer,
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
      GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
      GATEHOUSE_TLS_CERT: certificate.certFile,
      GATEHOUSE_TLS_KEY: certificate.keyFile,
    },
  });
  const made = await server.client({ grant_types: ['client_credentials'] });
  client_id = made.client.client_id;
  secret = made.client_secret;
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function gatehouse(isTrusting: boolean, words: readonly string[]): Promise<Ran> {
  const trust = isTrusting ? `export GATEHOUSE_OUTBOUND_CA=${certificate.certFile};` : '';
  const shell = `export GATEHOUSE_ISSUER=${issuer}; ${trust} printf %s '${secret}' | "$@"`;
  return runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words, { shell });
}

type Findings = { name: string; status: string; evidence: string }[];

it('doctor reaches the issuer with it, and without it names the setting', async () => {
  const checksOf = async (isTrusting: boolean) => {
    const findings: Findings = JSON.parse((await gatehouse(isTrusting, ['doctor', '--json'])).out);
    return findings.filter(({ name }) => ['issuer', 'jwks'].includes(name));
  };
  expect((await checksOf(true)).map(({ status }) => status)).toEqual(['PASS', 'PASS']);
  for (const { status, evidence } of await checksOf(false))
    expect([status, evidence]).toEqual([
      'FAIL',
      expect.stringMatching(/its certificate; name its authority in outbound_ca/),
    ]);
});

it('login gets a token with it, and without it names the setting', async () => {
  const words = ['login', 'client-credentials', '--client-id', client_id, '--client-secret-stdin', '--json'];
  const { code, out } = await gatehouse(true, words);
  expect([code, JSON.parse(out).token_type]).toEqual([0, 'Bearer']);
  const refused = await gatehouse(false, words);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/its certificate; name its authority in outbound_ca/),
  ]);
});
