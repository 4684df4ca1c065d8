/** What is said of each body that is sent as a form, byte for byte. RFC 6749 §3.2, appendix B */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confidentialClient } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { exchange } from './raw.ts';

const FORM = 'application/x-www-form-urlencoded';

let server: TestServer;
let port: number;

beforeAll(async () => {
  server = await startServer();
  port = Number(new URL(server.issuer).port);
  await confidentialClient(server, {
    client_id: 'machine',
    client_secret: 'a-secret-of-this-test-alone-of-43-chars-xyz',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'read write',
  });
});
afterAll(() => server.stop());

const OWN = 'client_id=machine&client_secret=a-secret-of-this-test-alone-of-43-chars-xyz';
const ASKED = `grant_type=client_credentials&${OWN}`;
const bytes = (...values: number[]) => Buffer.from(values).toString('latin1');
const many = (count: number) => Array.from({ length: count }, (_, index) => `&p${index}=`).join('');

/** Bodies as their bytes, one character each. */
const bodies: readonly string[] = [
  '',
  '&',
  ASKED,
  `&&${ASKED}&&`,
  `${ASKED}&scope=read+write`,
  `${ASKED}&scope=read%20write`,
  `${ASKED}&scope=read%2Bwrite`,
  `${ASKED}&sc%6Fpe=read`,
  `${ASKED}&scope=`,
  `${ASKED}&scope`,
  `${ASKED}&=read`,
  `${ASKED}&scope=read=write`,
  `${ASKED}&scope=read&scope=read`,
  `${ASKED}&scope=read&scope=`,
  `${ASKED}&scope[]=read`,
  `${ASKED}&__proto__=a&constructor=b&toString=c`,
  `${ASKED}&resource=https://a.example&resource=https://b.example`,
  `${ASKED};scope=read`,
  `${ASKED}&scope=%zz`,
  `${ASKED}&scope=%`,
  `${ASKED}&scope=%e`,
  `${ASKED}&scope=%ff`,
  `${ASKED}&scope=%c3`,
  `${ASKED}&scope=%c0%80`,
  `${ASKED}&scope=%ed%a0%80`,
  `${ASKED}&%e9=read`,
  `${ASKED}&scope=%00`,
  `${ASKED}&scope=${bytes(0)}`,
  `${ASKED}&scope=${bytes(0xff)}`,
  `${ASKED}&scope=${bytes(0xc3)}`,
  `${ASKED}&scope=${bytes(0xed, 0xa0, 0x80)}`,
  `${ASKED}&state=${bytes(0xc3, 0xbc)}`,
  `${ASKED}&state=${bytes(0xef, 0xbf, 0xbd)}`,
  `${bytes(0xef, 0xbb, 0xbf)}${ASKED}`,
  `${ASKED}&scope=re%0d%0aad`,
  `${ASKED}\r\n`,
  ASKED + many(97),
  ASKED + many(98),
  '&'.repeat(65_536),
  `${ASKED}&${'x'.repeat(65_536)}`,
  `${ASKED}&scope=${'x'.repeat(4097)}`,
  `${ASKED}&unknown=${'x'.repeat(4097)}`,
  '{"grant_type":"client_credentials"}',
];

/** Content-Type as it is written, over a body that holds a letter beyond ASCII, and over one that is not UTF-8. */
const types: readonly string[] = [
  '',
  FORM,
  FORM.toUpperCase(),
  ` ${FORM} `,
  `${FORM};`,
  `${FORM};;`,
  `${FORM}; charset`,
  `${FORM}; charset=`,
  `${FORM}; charset=utf-8`,
  `${FORM};charset="UTF-8"`,
  `${FORM}; charset=utf8; boundary=x`,
  `${FORM}; charset=iso-8859-1`,
  `${FORM}; charset=utf-8; charset=iso-8859-1`,
  `${FORM}; x="a;charset=iso-8859-1"`,
  `${FORM}, text/plain`,
  `text/plain, ${FORM}`,
  `${FORM} text/plain`,
  `${FORM}x`,
  `x${FORM}`,
  'application/x-www-form-urlencoded/x',
  'application / x-www-form-urlencoded',
  'application/json',
  'text/plain',
  'multipart/form-data; boundary=x',
  '*/*',
  'form',
  '/',
];
const typed: readonly string[] = [
  ASKED,
  `${ASKED}&state=${bytes(0xc3, 0xbc)}`,
  `${ASKED}&state=${bytes(0xfc)}`,
  '',
];

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly headers?: readonly string[];
  readonly body: string;
  readonly isChunked?: boolean;
}

const others: readonly Sent[] = [
  { body: ASKED, headers: ['Content-Encoding: gzip'] },
  { body: bytes(0xff), headers: ['Content-Encoding: gzip'], type: `${FORM}; charset=iso-8859-1` },
  { body: ASKED, headers: ['Content-Encoding: identity'] },
  { body: ASKED, isChunked: true },
  { body: `${ASKED}&scope=${bytes(0xff)}`, isChunked: true },
  { body: '', isChunked: true },
  { body: '', isChunked: true, type: '' },
  { body: ASKED, method: 'OPTIONS' },
  { body: bytes(0xff), method: 'OPTIONS' },
  { body: bytes(0xff), method: 'PUT' },
  { body: bytes(0xff), method: 'GET' },
  { body: bytes(0xff), method: 'GET', path: '/jwks' },
  { body: bytes(0xff), method: 'GET', path: '/login' },
  { body: bytes(0xff), method: 'HEAD', path: '/login' },
  { body: bytes(0xff), path: '/jwks' },
  { body: bytes(0xff), path: '/login' },
  { body: 'username=%zz', path: '/login' },
  { body: bytes(0xff), path: '/authorize' },
  { body: 'a=b&a=c', path: '/authorize' },
  { body: 'username=a', path: '/login', type: 'application/json' },
  { body: bytes(0xff), path: '/nowhere' },
  { body: bytes(0xff), path: '/userinfo' },
  { body: 'x'.repeat(65_537), path: '/login' },
];

function requestOf({ method = 'POST', path = '/token', type = FORM, headers = [], body, isChunked }: Sent) {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...headers,
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
  ];
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  const rest = isChunked ? `${chunk}0\r\n\r\n` : body;
  // What comes after it is answered where the connection stays, and makes the other side close.
  const next = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${rest}${next}`, 'latin1');
}

/** What differs each time: ids, times, and what is signed. */
function withoutChance(text: string): string {
  return text
    .replace(/[\w-]{10,}\.[\w-]+\.[\w-]{20,}/g, '<jwt>')
    .replace(/"[\w-]{40,}"/g, '"<of a key>"')
    .replaceAll(`localhost:${port}`, 'localhost')
    .replace(/^(x-request-id|date): .*$/gim, '$1: <…>')
    .replace(/"[^"]*request id[^"]*"/g, '"<…>"')
    .replace(/(<code>|id="request-id">)[\w-]{23}/g, '$1<…>')
    .replace(/assets\/[\w-]+/g, 'assets/<…>');
}

interface Told {
  readonly sent: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly staysOpen: boolean;
  readonly headers: readonly string[];
  readonly said: string;
}

async function tell(one: Sent): Promise<Told> {
  const mark = server.lines.length;
  const text = withoutChance(await exchange(port, requestOf(one)));
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [status = '', ...headers] = head.split('\r\n');
  const refused = server.lines.slice(mark).map((line) => JSON.parse(line));
  const { body: sentBody, ...rest } = one;
  const shown = `${sentBody.slice(0, 200)}${sentBody.length > 200 ? `… ${sentBody.length}` : ''}`;
  return {
    sent: JSON.stringify({ ...rest, body: shown.replace(ASKED, '<asked>') }),
    status,
    reason: refused.find(({ msg }) => msg === 'refused')?.reason,
    staysOpen: text.split('HTTP/1.1 ').length > 2,
    headers: headers
      .filter((line) => /^(content-type|connection|cache-control|allow|www-auth)/i.test(line))
      // RFC 9110 §5.3: which of two fields comes first means nothing.
      .sort(),
    said: body.startsWith('{')
      ? body.replace(/HTTP\/1\.1[\s\S]*/, '')
      : (/id="error">([^<]*)/.exec(body)?.[1] ?? ''),
  };
}

it('G4 each body is answered as test/wire/form-bodies.jsonl says', { timeout: 120_000 }, async () => {
  const all: readonly Sent[] = [
    ...bodies.map((body) => ({ body })),
    ...types.flatMap((type) => typed.map((body) => ({ type, body }))),
    ...others,
  ];
  const told: Told[] = [];
  for (const one of all) told.push(await tell(one));
  expect(told.filter(({ status }) => status.includes(' 200 ')).length).toBeGreaterThan(20);
  const text = told.map((one) => `${JSON.stringify(one)}\n`).join('');
  await expect(text).toMatchFileSnapshot('../wire/form-bodies.jsonl');
});
