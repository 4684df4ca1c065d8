import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../../src/lib/log.ts';
import { findSectorFault } from '../../../src/oauth/clients/check-sector-identifier-uri.ts';
import { newCertificate } from '../../conformance/certificate.ts';
import { CALLBACK } from '../../support/flow.ts';
import { freePort } from '../../support/free-port.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const log = createLog({ level: 'silent' }, { write() {} });

function faultOf(document: Buffer, redirect_uri: string): Promise<string | undefined> {
  const outbound = async () => ({ status: 200, headers: {}, body: document });
  const metadata = { sector_identifier_uri: 'https://app.example/list.json', redirect_uris: [redirect_uri] };
  return findSectorFault({ outbound, log }, metadata);
}

test('a list that is not UTF-8 lists nothing: it is not repaired', async () => {
  const listed = (path: string) => Buffer.from(`["https://app.example/${path}"]`, 'latin1');
  expect(await faultOf(listed('cb'), 'https://app.example/cb')).toBeUndefined();
  expect(await faultOf(listed('é'), 'https://app.example/\ufffd')).toContain('could not be read');
});

describe('a strange document', () => {
  const answers: Record<string, (response: ServerResponse) => unknown> = {
    '/not-found': (response) => response.writeHead(404).end('[]'),
    '/failed': (response) => response.writeHead(500).end('stack'),
    '/moved': (response) => response.writeHead(302, { location: 'https://localhost/' }).end(),
    '/forbidden': (response) => response.writeHead(401).end(`["${CALLBACK}"]`),
    '/page': (response) => response.end('<h1>Router</h1>'),
    '/object': (response) => response.end('{"admin":true}'),
    '/numbers': (response) => response.end('[1]'),
    '/nothing': (response) => response.end(),
    '/long': (response) => response.end(JSON.stringify(['x'.repeat(70_000)])),
    '/dropped': (response) => response.destroy(),
  };
  let directory: string;
  let site: Server;
  let server: TestServer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-sector-'));
    const certificate = await newCertificate(directory, 'localhost');
    site = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
      answers[request.url ?? '']?.(response);
    });
    await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
    server = await startServer({
      environment: {
        GATEHOUSE_REGISTRATION: 'open',
        GATEHOUSE_OUTBOUND_ALLOW: 'localhost',
        GATEHOUSE_OUTBOUND_CA: certificate.certFile,
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    site.closeAllConnections();
    site.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function register(sector_identifier_uri: string): Promise<string> {
    server.clock.advance(3_600_000);
    const body = JSON.stringify({
      redirect_uris: [CALLBACK],
      subject_type: 'pairwise',
      sector_identifier_uri,
    });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${server.issuer}/register`, { method: 'POST', headers, body })).text();
  }

  test('A109 what the answer was, or that there was none, is one sentence', async () => {
    const at = (port: number, path: string) => `https://localhost:${port}${path}`;
    const open = (site.address() as AddressInfo).port;
    const uris = [
      ...Object.keys(answers).map((path) => at(open, path)),
      at(await freePort(), '/'),
      'https://127.0.0.1/',
      'https://10.0.0.1/',
      'https://nowhere.invalid/',
    ];
    const said = new Map<string, string>();
    for (const uri of uris) said.set(uri, await register(uri));
    expect([...said].filter(([, text]) => text !== said.get(at(open, '/page')))).toEqual([]);
    expect(said.get(at(open, '/page'))).toContain('could not be read as a JSON list of redirect URIs');
  });
});
