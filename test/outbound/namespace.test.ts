/** Name resolution by a machine's files and name server, in a network namespace (util-linux's unshare, as root). */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A public address that the loopback of the namespace is given. */
const PUBLIC = '93.184.216.34';

/** Sets SIOCSIFFLAGS (up, running) and SIOCSIFADDR with a program that every Debian has. */
const NETWORK = `use Socket; socket(S, AF_INET, SOCK_DGRAM, 0) or die;
  sub call { my ($number, $request) = @_; ioctl(S, $number, $request) or die "ioctl: $!"; }
  call(0x8914, pack("a16 s x14", "lo", 0x49));
  call(0x8916, pack("a16 a16 x8", "lo:1", pack_sockaddr_in(0, inet_aton("${PUBLIC}"))));`;

const isPermitted = spawnSync('unshare', ['-n', '-m', 'true']).status === 0;
if (!isPermitted)
  process.stderr.write('unshare -n is not permitted here: test/outbound/namespace is left out\n');

interface Told {
  readonly local: Readonly<Record<string, string>>;
  readonly refused: Readonly<Record<string, string>>;
  readonly besideSlow: { readonly honest: string; readonly file: boolean };
  readonly connected: readonly string[];
}

describe.skipIf(!isPermitted)('A106 names in a network of its own', () => {
  let directory: string;
  let told: Told;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-namespace-'));
    writeFileSync(join(directory, 'hosts'), '127.0.0.1 localhost\n127.0.0.1 In-Hosts # ours\n');
    writeFileSync(
      join(directory, 'resolv.conf'),
      'search prod.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n',
    );
    told = JSON.parse(await runInNamespace(directory));
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('names of /etc/hosts and of search domains (ndots:5) are found', () => {
    const here = { 'in-hosts': 'here', app: 'here', 'api.other.svc': 'here', localhost: 'here' };
    expect(told.local).toEqual(here);
  });

  it('a name with an address that is not public is refused, whichever source the address came from', () => {
    const { 'rebind.example, first': first, ...refused } = told.refused;
    for (const [host, sentence] of Object.entries(refused))
      expect(sentence, host).toMatch(/no public address/);
    expect(Object.keys(refused)).toHaveLength(6);
    // The public address that was checked is the one that was connected to.
    expect(first).toBe('here');
    expect(told.connected).toEqual(['127.0.0.1', PUBLIC]);
  });

  it('names that are slow to resolve delay neither other names nor the threads that read files', () => {
    expect(told.besideSlow).toEqual({ honest: 'here', file: true });
  });
});

function runInNamespace(directory: string): Promise<string> {
  const program = fileURLToPath(new URL('namespace-program.ts', import.meta.url));
  const script = `mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf &&
    perl -e '${NETWORK}' && exec "$2" --import tsx "$3" "$1" ${PUBLIC}`;
  const child = spawn('unshare', [
    '-n',
    '-m',
    'sh',
    '-c',
    script,
    'sh',
    directory,
    process.execPath,
    program,
  ]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(errors))));
  });
}
