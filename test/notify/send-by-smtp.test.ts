/** Conversations with real mail servers on loopback: those that work, refuse, hang, lie about TLS or are down. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSmtpClient, type MailServerError } from '../../src/notify/send-by-smtp.ts';
import { freePort } from '../support/free-port.ts';
import { mailServerAt, startMailServer, type TestMailServer } from '../support/mail-server.ts';

const issuer = 'https://id.example.com';
const envelope = { from: 'id@example.com', to: 'alice@example.com' };
const message = Buffer.from('Subject: x\r\n\r\n.a line that begins with a dot\r\n');
const LIMIT_MS = 2000;

let directory: string;
let outbound_ca: string;
let tls: { key: string; cert: string };
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-mail-'));
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  tls = { key: made.private, cert: made.cert };
  outbound_ca = join(directory, 'ca.pem');
  writeFileSync(outbound_ca, made.cert);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const servers: TestMailServer[] = [];
const raws: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const raw of raws.splice(0)) raw.close();
});

async function start(options: SMTPServerOptions = {}): Promise<TestMailServer> {
  const server = await startMailServer(options);
  servers.push(server);
  return server;
}

/** A server that is no mail server; gives its port and the sockets that are open to it. */
async function startRaw(onSocket: (socket: Socket) => void): Promise<{ port: number; open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.resume());
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    onSocket(socket);
  });
  raws.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, open };
}

interface Way {
  readonly ca?: string | undefined;
  /** As a host of another machine is treated. */
  readonly isElsewhere?: boolean;
}

function clientOf(url: string, { ca, isElsewhere = false }: Way = {}) {
  const server = mailServerAt(url);
  const as = isElsewhere ? { ...server, isLoopback: false } : server;
  return createSmtpClient({ issuer, outbound_ca: ca }, as, LIMIT_MS);
}

const send = (url: string, way?: Way) => clientOf(url, way).send(envelope, message);

async function faultOf(work: Promise<unknown>): Promise<MailServerError> {
  return work.then(
    () => expect.fail('it was taken'),
    (error) => error as MailServerError,
  );
}

describe('a mail server that works', () => {
  it('on this machine takes the message in clear text, to the one recipient of the envelope', async () => {
    const server = await start();
    await send(server.url);
    expect(server.received).toMatchObject([
      { from: envelope.from, to: [envelope.to], isEncrypted: false, user: undefined },
    ]);
    expect(server.received[0]?.raw).toContain('\r\n.a line that begins with a dot\r\n');
  });

  it('with TLS from the start and an authority of its own is trusted through outbound_ca alone', async () => {
    const server = await start({ ...tls, secure: true });
    const url = server.url.replace('smtp:', 'smtps:');
    const fault = await faultOf(send(url));
    expect(fault).toMatchObject({ isFinal: false });
    expect(fault.message).toMatch(/self-signed|unable to verify/);
    await send(url, { ca: outbound_ca });
    expect(server.received).toMatchObject([{ isEncrypted: true }]);
  });

  it('with STARTTLS gets the login and the message after it', async () => {
    const server = await start({
      ...tls,
      onAuth: ({ username, password }, session, done) =>
        session.secure && username === 'me' && password === 'p@ss:word/'
          ? done(null, { user: username })
          : done(new Error('wrong')),
    });
    const url = `smtp://me:p%40ss%3Aword%2F@127.0.0.1:${server.port}`;
    await send(url, { ca: outbound_ca, isElsewhere: true });
    expect(server.received).toMatchObject([{ isEncrypted: true, user: 'me' }]);
    await expect(clientOf(url, { ca: outbound_ca, isElsewhere: true }).probe()).resolves.toEqual({
      isEncrypted: true,
      isLoggedIn: true,
    });
  });

  it('does not answer QUIT: the message was taken all the same', async () => {
    const { port } = await startRaw((socket) => {
      socket.write('220 here\r\n');
      let isData = false;
      socket.on('data', (data) => {
        const said = String(data);
        if (isData && !said.endsWith('.\r\n')) return;
        if (isData) isData = false;
        else if (said.startsWith('QUIT')) return;
        else if (said.startsWith('DATA')) {
          isData = true;
          socket.write('354 go on\r\n');
          return;
        }
        socket.write('250 ok\r\n');
      });
    });
    await send(`smtp://127.0.0.1:${port}`);
  });
});

describe('STARTTLS is a must for a server on another machine', () => {
  it('one without it gets neither the password nor the message', async () => {
    let logins = 0;
    const server = await start({ onAuth: (_auth, _session, done) => done(null, { user: String(++logins) }) });
    const fault = await faultOf(send(`smtp://me:secret@127.0.0.1:${server.port}`, { isElsewhere: true }));
    expect(fault).toMatchObject({ isFinal: false });
    expect(fault.message).not.toContain('secret');
    expect([server.received, logins]).toEqual([[], 0]);
  });

  it('one with a certificate that nobody trusts gets neither', async () => {
    let logins = 0;
    const server = await start({
      ...tls,
      onAuth: (_auth, _session, done) => done(null, { user: String(++logins) }),
    });
    await faultOf(send(`smtp://me:secret@127.0.0.1:${server.port}`, { isElsewhere: true }));
    expect([server.received, logins]).toEqual([[], 0]);
  });
});

describe('a mail server that refuses', () => {
  const refusing = (responseCode: number) =>
    Object.assign(new Error('no alice@example.com here'), { responseCode });
  const at = {
    'MAIL FROM': (code: number): SMTPServerOptions => ({
      onMailFrom: (_from, _session, done) => done(refusing(code)),
    }),
    'RCPT TO': (code: number): SMTPServerOptions => ({
      onRcptTo: (_to, _session, done) => done(refusing(code)),
    }),
    DATA: (code: number): SMTPServerOptions => ({
      onData: (stream, _session, done) => void stream.resume().on('end', () => done(refusing(code))),
    }),
  };

  it.each([
    ['RCPT TO', 451, false],
    ['RCPT TO', 550, true],
    ['DATA', 452, false],
    ['DATA', 554, true],
    // The sender is the operator's, who can mend it.
    ['MAIL FROM', 451, false],
    ['MAIL FROM', 553, false],
  ] as const)('%s with %i: final %s', async (step, code, isFinal) => {
    const server = await start(at[step](code));
    const fault = await faultOf(send(server.url));
    expect(fault).toMatchObject({ isFinal, message: `the mail server answered ${code} to ${step}` });
    // The address of the person is in no text that is kept.
    expect(fault.answer).toBe(`${code} no (recipient) here`);
  });

  it('a login is wrong: it is tried again, since the operator can mend it', async () => {
    const server = await start({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(Object.assign(new Error('wrong'), { responseCode: 535 })),
    });
    const fault = await faultOf(send(`smtp://me:secret@127.0.0.1:${server.port}`));
    expect(fault).toMatchObject({ isFinal: false });
    expect(fault.message).toMatch(/^the mail server answered 535 to AUTH/);
    expect(fault.message + fault.answer).not.toContain('secret');
  });
});

describe('a mail server that does not work: the conversation ends in its time and leaves no socket', () => {
  it('is down', async () => {
    const fault = await faultOf(send(`smtp://127.0.0.1:${await freePort()}`));
    expect(fault).toMatchObject({ isFinal: false });
    expect(fault.message).toContain('ECONNREFUSED');
  });

  it('has a name that nobody knows', async () => {
    const fault = await faultOf(send('smtp://mail.invalid:2525', { isElsewhere: true }));
    expect(fault).toMatchObject({ isFinal: false });
  });

  const greeting = '220 here\r\n';
  const hanging: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['never says anything', () => {}],
    ['greets and says nothing more', (socket) => socket.write(greeting)],
    [
      'says one letter a moment',
      (socket) => {
        const timer = setInterval(() => socket.write('2'), 50);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    [
      'answers each command with a line that goes on',
      (socket) => {
        socket.write(greeting);
        socket.on('data', () => socket.write('250-more\r\n'));
      },
    ],
  ];
  it.each(hanging)('%s', async (_name, onSocket) => {
    const { port, open } = await startRaw(onSocket);
    const start = performance.now();
    const fault = await faultOf(send(`smtp://127.0.0.1:${port}`));
    expect(fault).toMatchObject({ isFinal: false });
    expect(performance.now() - start).toBeLessThan(LIMIT_MS + 1000);
    await expect.poll(() => open.size).toBe(0);
  });

  it('answers without an end', async () => {
    const { port, open } = await startRaw((socket) => {
      const more = () => {
        if (!socket.destroyed) socket.write('2'.repeat(65_536), more);
      };
      more();
    });
    const fault = await faultOf(send(`smtp://127.0.0.1:${port}`));
    expect(fault.message).toContain('exceeds');
    await expect.poll(() => open.size).toBe(0);
  });

  it('closes in the middle', async () => {
    const { port } = await startRaw((socket) => {
      socket.write(greeting);
      socket.on('data', () => socket.destroy());
    });
    expect(await faultOf(send(`smtp://127.0.0.1:${port}`))).toMatchObject({ isFinal: false });
  });
});
