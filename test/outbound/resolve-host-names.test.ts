import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bounds } from '../../src/outbound/concurrency-limits.ts';
import { createNames, siteOf } from '../../src/outbound/resolve-host-names.ts';
import { parseResolvConf } from '../../src/outbound/resolver-files.ts';
import { type Answer, type NameServer, startNameServer } from '../support/name-server.ts';

const BOUNDS: Bounds = { total: 8, each: 2, waitingEach: 50, waiting: 100, fairMs: 50, limitMs: 20_000 };

let directory: string;
let server: NameServer;
let answers: Map<string, Answer>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-names-'));
  answers = new Map();
  server = await startNameServer(
    (name, type) => answers.get(`${name} ${type}`) ?? answers.get(name) ?? 'none',
  );
});
afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Each on its own files; `resolvConf` besides the name server. */
function names({ hosts = '', resolvConf = '', bounds = BOUNDS } = {}) {
  const files = { hosts: join(directory, 'hosts'), resolvConf: join(directory, 'resolv.conf') };
  writeFileSync(files.hosts, hosts);
  writeFileSync(files.resolvConf, `nameserver 127.0.0.1:${server.port}\n${resolvConf}`);
  const now = { ms: 0 };
  const created = createNames({ clock: { nowMs: () => now.ms }, files, bounds });
  const addresses = async (name: string) => (await created.resolve(name)).map(({ address }) => address);
  return { ...created, addresses, now, files };
}

const asked = () => server.asked.filter((question) => question.endsWith(' A'));

describe('a name that the machine itself knows', () => {
  it('resolves to all its addresses in /etc/hosts, without a query', async () => {
    const hosts =
      '# ours\n192.0.2.1\tdb Db.Internal  # not other\n2001:db8::1 db\nnonsense db\n\r\n192.0.2.2 db';
    const { addresses } = names({ hosts });
    expect(await addresses('DB')).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.2']);
    expect(await addresses('db.internal')).toEqual(['192.0.2.1']);
    await expect(addresses('other')).rejects.toThrow(
      /other has no address that could be found \(ENOTFOUND\)/,
    );
  });

  it('changes when the file changes', async () => {
    const { addresses, files } = names({ hosts: '192.0.2.1 db\n' });
    expect(await addresses('db')).toEqual(['192.0.2.1']);
    writeFileSync(files.hosts, '192.0.2.77 db\n');
    expect(await addresses('db')).toEqual(['192.0.2.77']);
    rmSync(files.hosts);
    await expect(addresses('db')).rejects.toThrow(/no address/);
  });

  it('such as localhost is this machine, whatever the name server says', async () => {
    answers.set('localhost', ['192.0.2.9']);
    const { addresses } = names();
    expect(await addresses('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await addresses('app.localhost')).toEqual(['127.0.0.1', '::1']);
    expect(server.asked).toEqual([]);
  });
});

describe('search domains', () => {
  const kubernetes = 'search prod.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 edns0\n';

  it('are tried first for a name with fewer dots than ndots', async () => {
    answers.set('api.other.svc.cluster.local', ['10.1.2.3']);
    answers.set('www.example.com', ['192.0.2.1', '2001:db8::1']);
    const { addresses } = names({ resolvConf: kubernetes });
    expect(await addresses('api.other')).toEqual(['10.1.2.3']);
    expect(await addresses('www.example.com')).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(asked().at(-1)).toBe('www.example.com A');
  });

  it('are tried last for a name with as many dots, and never for one that ends with a dot', async () => {
    answers.set('a.b.corp.example', ['192.0.2.1']);
    const { addresses } = names({ resolvConf: 'domain corp.example\n' });
    expect(await addresses('a.b')).toEqual(['192.0.2.1']);
    expect(asked()).toEqual(['a.b A', 'a.b.corp.example A']);
    await expect(addresses('a.b.')).rejects.toThrow(/ENOTFOUND/);
    expect(asked()).toHaveLength(3);
  });
});

describe('imperfect name servers', () => {
  it('a server that drops AAAA queries is not waited for where there is an A record', async () => {
    answers.set('www.example.com', ['192.0.2.1']);
    answers.set('www.example.com AAAA', 'silent');
    expect(await names().addresses('www.example.com')).toEqual(['192.0.2.1']);
    // The AAAA query is not repeated.
    expect(server.asked.filter((question) => question.endsWith('AAAA'))).toHaveLength(1);
  });

  it('an alias without an address counts as no address, and the next candidate is queried', async () => {
    answers.set('app.one.example', 'alias');
    answers.set('app.two.example', ['192.0.2.2']);
    answers.set('alias.example', 'alias');
    const { addresses } = names({ resolvConf: 'search one.example two.example' });
    expect(await addresses('app')).toEqual(['192.0.2.2']);
    await expect(addresses('alias.example.')).rejects.toThrow(/ENODATA/);
  });

  it('a nameserver line of resolv.conf with an invalid port or address is ignored', () => {
    const { servers } = parseResolvConf(
      'nameserver 127.0.0.1:0\nnameserver [::1]:65536\nnameserver 127.0.0.1:99999\nnameserver one\n' +
        'nameserver [::1]:53\nnameserver fe80::1%eth0\nnameserver 127.0.0.1:65535\n',
    );
    expect(servers).toEqual(['[::1]:53', 'fe80::1%eth0', '127.0.0.1:65535']);
  });
});

describe('the cache of names', () => {
  it('keeps an answer for its TTL, half a minute at most, and a failure for five seconds', async () => {
    answers.set('www.example.com', ['192.0.2.1']);
    const { addresses, now } = names();
    const askBoth = async () => {
      expect(await addresses('www.example.com')).toEqual(['192.0.2.1']);
      await expect(addresses('none.example.com')).rejects.toThrow(/ENOTFOUND/);
      return asked().length;
    };
    expect(await askBoth()).toBe(2);
    expect(await askBoth()).toBe(2);
    now.ms += 5000;
    expect(await askBoth()).toBe(3);
    now.ms += 25_000;
    expect(await askBoth()).toBe(5);
  });

  it('keeps nothing for longer because the clock was set back', async () => {
    answers.set('app.example.com', ['192.0.2.1']);
    const { addresses, now } = names();
    now.ms = 1_000_000;
    expect(await addresses('app.example.com')).toEqual(['192.0.2.1']);
    await expect(addresses('none.example.com')).rejects.toThrow();
    answers.set('app.example.com', ['192.0.2.2']);
    answers.set('none.example.com', ['192.0.2.3']);
    now.ms = 0;
    expect(await addresses('app.example.com')).toEqual(['192.0.2.2']);
    expect(await addresses('none.example.com')).toEqual(['192.0.2.3']);
  });

  it('sends one query for a name that is asked for many times at once', async () => {
    answers.set('www.example.com', ['192.0.2.1']);
    const { addresses } = names();
    await Promise.all(Array.from({ length: 50 }, () => addresses('www.example.com')));
    expect(asked()).toHaveLength(1);
  });

  it('does not query a name of more than 253 characters', async () => {
    const { addresses } = names();
    await expect(addresses('a'.repeat(60_000))).rejects.toThrow(/more than 253 characters/);
    expect(server.asked).toEqual([]);
  });
});

describe('names whose name server does not answer', () => {
  const ask = ({ resolve }: ReturnType<typeof names>, name: string) =>
    resolve(name).then(
      () => 'found',
      (error: Error) => error.message,
    );

  it('of one owner use at most its share of lookups', async () => {
    for (let n = 0; n < 40; n += 1) answers.set(`n${n}.slow.example`, 'silent');
    answers.set('honest.example', ['192.0.2.1']);
    const resolver = names();
    for (let n = 0; n < 40; n += 1) void ask(resolver, `n${n}.slow.example`);
    expect(await resolver.addresses('honest.example')).toEqual(['192.0.2.1']);
    expect(new Set(asked().filter((name) => name.includes('slow'))).size).toBeLessThan(40);
  });

  it('of many owners are aborted for waiting lookups, the oldest first', async () => {
    const slowNames = Array.from({ length: 40 }, (_none, n) => `a.slow${n}.example`);
    for (const name of slowNames) answers.set(name, 'silent');
    answers.set('honest.example', ['192.0.2.1']);
    const resolver = names();
    const slow = slowNames.map((name) => ask(resolver, name));
    expect(await resolver.addresses('honest.example')).toEqual(['192.0.2.1']);
    expect(await Promise.race(slow)).toBe(
      'a.slow0.example has no address that could be found (it was slow, and gave way to others)',
    );
  });

  it('are refused when too many lookups are waiting', async () => {
    for (let n = 0; n < 60; n += 1) answers.set(`n${n}.slow.example`, 'silent');
    const resolver = names({ bounds: { ...BOUNDS, limitMs: 500 } });
    const slow = await Promise.all(
      Array.from({ length: 60 }, (_none, n) => ask(resolver, `n${n}.slow.example`)),
    );
    expect(slow.filter((sentence) => /too many such requests/.test(sentence))).toHaveLength(8);
  });

  it('count for one owner, also below a second-level label such as co.uk', () => {
    const sites = ['a.b.evil.example', 'evil.example.', 'a.evil.co.uk', 'b.evil.co.uk', 'api.prod', 'x'];
    expect(sites.map(siteOf)).toEqual([
      'evil.example',
      'evil.example',
      'evil.co.uk',
      'evil.co.uk',
      'api.prod',
      'x',
    ]);
  });
});
