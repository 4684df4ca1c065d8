/** What a request is made of, where Node or a proxy in front may read it otherwise than we do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confidentialClient, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { exchange } from './raw.ts';

let server: TestServer;
let machine: Registered;
let port: number;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  port = Number(new URL(server.issuer).port);
  machine = await confidentialClient(server, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  });
});
afterAll(() => server.stop());

const FORM = 'application/x-www-form-urlencoded';

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly type?: string;
  readonly body?: string | Buffer;
}

/** A POST whose header lines are as they are given; the body is sent byte for byte. */
function send({
  path = '/token',
  method = 'POST',
  headers = [],
  type = FORM,
  body = '',
}: Sent): Promise<string> {
  const bytes = Buffer.from(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(headers.some((line) => /^host:/i.test(line)) ? [] : ['Host: localhost']),
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...headers,
    `Content-Length: ${bytes.length}`,
    'Connection: close',
  ];
  return exchange(port, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]));
}

function credentials(more = ''): string {
  const { client_id } = machine.client;
  return `grant_type=client_credentials&client_id=${client_id}&client_secret=${machine.client_secret}${more}`;
}

/** The reason stands in the log alone. */
function reasonsSince(mark: number): string[] {
  return server.lines
    .slice(mark)
    .flatMap((line) => (JSON.parse(line).msg === 'refused' ? [JSON.parse(line).reason] : []));
}

async function expectRefused(sent: Sent | string, status: number, reason: string): Promise<string> {
  const mark = server.lines.length;
  const text = await (typeof sent === 'string' ? exchange(port, sent) : send(sent));
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const header of [
    'x-content-type-options: nosniff',
    'referrer-policy: same-origin',
    'x-frame-options: DENY',
    "content-security-policy: default-src 'none'",
    'x-request-id: ',
  ])
    expect(text.toLowerCase()).toContain(header.toLowerCase());
  expect(reasonsSince(mark)).toEqual([reason]);
  return text;
}

describe('two headers where one is allowed', () => {
  test.each([
    ['host', 'Host: localhost', 'Host: evil.example'],
    ['content-type', `Content-Type: ${FORM}`, 'content-type: application/json'],
    ['content-type', `Content-Type: ${FORM}`, `Content-Type: ${FORM}`],
    ['authorization', 'Authorization: Basic YTpi', 'AUTHORIZATION: Basic YzpkCg=='],
    ['origin', 'Origin: https://a.example', 'Origin: https://b.example'],
    ['sec-fetch-site', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
    ['dpop', 'DPoP: a', 'DPoP: b'],
    ['content-encoding', 'Content-Encoding: identity', 'Content-Encoding: gzip'],
  ])('are 400, whichever came first: %s', async (name, one, other) => {
    for (const headers of [
      [one, other],
      [other, one],
    ]) {
      const type = name === 'content-type' ? '' : FORM;
      const answer = await expectRefused({ headers, type, body: credentials() }, 400, 'repeated_header');
      expect(answer).toContain(`two ${name} headers; send one`);
    }
  });

  test('are 400 on a page too, as a page', async () => {
    const sent = {
      path: '/login',
      method: 'GET',
      headers: ['Host: localhost', 'Host: evil.example'],
      type: '',
    };
    expect(await expectRefused(sent, 400, 'repeated_header')).toMatch(/content-type: text\/html/i);
  });

  test('a header that is a list may have several lines', async () => {
    const headers = [
      'Accept: */*',
      'Accept: text/html',
      'X-Forwarded-For: 1.1.1.1',
      'X-Forwarded-For: 2.2.2.2',
    ];
    expect(await send({ headers, body: credentials() })).toContain('200 OK');
  });

  test('none is hidden behind more headers than Node reads', async () => {
    const headers = (count: number) => [...Array.from({ length: count }, () => 'a:b'), 'Host: evil.example'];
    // Node 24 counts by itself, and says the same.
    for (const count of [150, 2100]) {
      const answer = await send({ headers: headers(count), body: credentials() });
      expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*x-frame-options: DENY/i);
    }
    const some = Array.from({ length: 90 }, () => 'a:b');
    expect(await send({ headers: some, body: credentials() })).toContain('200 OK');
  });
});

describe('requests that Node would answer by itself', () => {
  test('a request without Host is 400 with every header', async () => {
    await expectRefused('GET /jwks HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'missing_host');
    expect(await exchange(port, 'GET /jwks HTTP/1.0\r\n\r\n')).toContain('200 OK');
  });

  test.each(['tea', '100-continue, tea'])('Expect: %s is 417 with every header', async (expectation) => {
    const text = `GET /jwks HTTP/1.1\r\nHost: localhost\r\nExpect: ${expectation}\r\nConnection: close\r\n\r\n`;
    const answer = (await exchange(port, text)).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
    expect(answer).toMatch(/^HTTP\/1\.1 417 [\s\S]*x-frame-options: DENY[\s\S]*100-continue/i);
  });

  test('Expect: 100-continue is accepted', async () => {
    const answer = await send({ headers: ['Expect: 100-continue'], body: credentials() });
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  test('a transfer coding other than chunked is 501', async () => {
    const head = `POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM}\r\nConnection: close\r\n`;
    const coded = `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`;
    await expectRefused(coded, 501, 'unknown_transfer_coding');
  });

  test('a transfer coding in HTTP/1.0 is 400, and what follows it is not read', async () => {
    const head = `POST /token HTTP/1.0\r\nContent-Type: ${FORM}\r\nConnection: keep-alive\r\n`;
    const coded = `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    const answer = await expectRefused(`${coded}GET /jwks HTTP/1.0\r\n\r\n`, 400, 'malformed_request');
    expect(answer).not.toContain('HTTP/1.1 200');
  });

  test.each(['HTTP/2.0', 'HTTP/0.9'])(
    'a request line of %s is 505, as its head is held to no rule',
    async (version) => {
      const request = `GET /jwks ${version}\r\nConnection: close\r\n\r\n`;
      await expectRefused(request, 505, 'unknown_http_version');
    },
  );

  test.each([
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM'],
    ['HTTP/1.2', 'GET /jwks HTTP/1.2'],
    ['a folded header', 'GET /jwks HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b'],
    ['a header with a space before its colon', 'GET /jwks HTTP/1.1\r\nHost: localhost\r\nX : a'],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close'],
    ['an upgrade', 'GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket'],
    ['a long address', `GET /jwks?${'x'.repeat(17_000)} HTTP/1.1\r\nHost: localhost`],
    ['two lengths', 'POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3'],
  ])('its other refusals have every header: %s', async (_name, head) => {
    const answer = await exchange(port, `${head}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d [\s\S]*x-frame-options: DENY/i);
    expect(answer).toMatch(/x-request-id: /i);
  });
});

describe('the characters of a form', () => {
  test.each([
    Buffer.concat([Buffer.from('&scope=a'), Buffer.from([0xff])]),
    '&scope=%ff',
    '&scope=%c3',
    '&%e9=a',
    '&scope=%ed%a0%80',
  ])('that are not UTF-8 are 400, not repaired: %s', async (more) => {
    const body = Buffer.concat([Buffer.from(credentials()), Buffer.from(more)]);
    await expectRefused({ body }, 400, 'malformed_encoding');
  });

  test.each(['UTF-8', 'utf-8', '"utf-8"', 'utf8', 'ISO-8859-1', 'us-ascii'])(
    'an ASCII body of charset %s is taken',
    async (charset) => {
      expect(await send({ type: `${FORM}; charset=${charset}`, body: credentials() })).toContain('200 OK');
    },
  );

  test.each(['ISO-8859-1', 'utf-16le', 'utf-8; charset=ISO-8859-1', 'ISO-8859-1; charset=utf-8'])(
    'a body of charset %s that is not ASCII is 415',
    async (charset) => {
      const sent = { type: `${FORM};charset=${charset}`, body: credentials('&state=ü') };
      expect(await expectRefused(sent, 415, 'wrong_charset')).toContain('send it as UTF-8');
    },
  );

  test('a UTF-8 body is accepted with and without a charset', async () => {
    expect(await send({ type: `${FORM};charset=utf-8`, body: credentials('&state=ü') })).toContain('200 OK');
    expect(await send({ body: credentials('&state=ü') })).toContain('200 OK');
  });
});

describe('the coding of a body', () => {
  test.each(['gzip', 'deflate', 'br', 'identity, gzip', 'x'])('%s is 415', async (coding) => {
    const headers = [`Content-Encoding: ${coding}`];
    await expectRefused({ headers, body: credentials() }, 415, 'encoded_body');
    await expectRefused(
      { path: '/register', headers, type: 'application/json', body: '{}' },
      415,
      'encoded_body',
    );
    await expectRefused({ path: '/login', headers, body: 'username=a' }, 415, 'encoded_body');
  });

  test('identity is accepted', async () => {
    expect(await send({ headers: ['Content-Encoding: Identity'], body: credentials() })).toContain('200 OK');
  });
});

describe('JSON', () => {
  const type = 'application/json';
  const metadata = '{"redirect_uris":["https://app.example/cb"],"client_name":"Ü"}';
  const register = (body: string | Buffer, as = type) => ({ path: '/register', type: as, body });

  test('in UTF-8 is accepted with and without a charset', async () => {
    for (const as of [type, `${type}; charset=utf-8`, `${type};charset="UTF-8"`]) {
      const answer = await send(register(metadata, as));
      expect(answer).toMatch(/^HTTP\/1\.1 201 /);
      expect(answer).toContain('"client_name":"Ü"');
    }
  });

  test.each(['ISO-8859-1', 'utf-16', 'us-ascii'])('of charset %s is 415', async (charset) => {
    await expectRefused(register(metadata, `${type}; charset=${charset}`), 415, 'wrong_charset');
  });

  test('that is not UTF-8 is 400, not repaired', async () => {
    await expectRefused(register(Buffer.from(metadata, 'latin1')), 400, 'malformed_encoding');
    await expectRefused(register(Buffer.from(metadata, 'utf16le')), 400, 'malformed_encoding');
    await expectRefused(register(metadata.replace('Ü', '\\ud83d')), 400, 'malformed_encoding');
    await expectRefused(register(metadata.replace('Ü', '\\ude00 \\ud83d')), 400, 'malformed_encoding');
    expect(await send(register(metadata.replace('Ü', '\\ud83d\\ude00')))).toMatch(/^HTTP\/1\.1 201 /);
  });

  test.each([
    '{"client_name":"a","client_name":"b"}',
    '{"client_name":"a", "x": [{"y":1}], "client\\u005fname" : "b"}',
    '{"jwks":{"keys":[{"kid":"a","kid":"b"}]}}',
    '{"a":{"":1,"":2}}',
  ])('with two members of one name is 400: %s', async (body) => {
    expect(await expectRefused(register(body), 400, 'repeated_member')).toContain('send it once');
  });

  test('names that recur in other objects, or as values, do not count as repeated', async () => {
    const keys = '"a":[{"kid":"a"},{"kid":"kid"}],"b":{"a":"\\"a\\":"},"c":["kid","kid"]';
    expect(await send(register(metadata.replace('{', `{${keys},`)))).toMatch(/^HTTP\/1\.1 201 /);
  });
});
