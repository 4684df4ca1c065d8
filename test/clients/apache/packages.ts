/** apache2 and mod_auth_openidc as Debian builds them: of this machine, or unpacked beside it, so that nothing changes. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGES = ['apache2-bin', 'libapache2-mod-auth-openidc'];
const MODULE = 'mod_auth_openidc.so';
const PATIENCE_MS = 60_000;
const run = promisify(execFile);

export interface ApacheFiles {
  readonly binary: string;
  readonly modules: string;
  /** Where the libraries that came along are. */
  readonly libraries: readonly string[];
}

/** The files, or the reason why there are none, as a sentence. */
export async function obtainApache(directory: string): Promise<ApacheFiles | string> {
  const installed = filesBelow('/');
  if (installed) return installed;
  try {
    // The machine's own lists may be missing, as in an image, or older than what the mirror still has.
    const root = await unpack(join(directory, 'known'), []).catch(() => unpackFresh(directory));
    return filesBelow(root) ?? `the Debian packages ${PACKAGES.join(' and ')} hold no ${MODULE}`;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const said = stderr?.split('\n').find((line) => line.startsWith('E:')) ?? message;
    return `the Debian packages ${PACKAGES.join(' and ')} cannot be had: ${said.trim()}`;
  }
}

function filesBelow(root: string): ApacheFiles | undefined {
  const [binary, modules] = [join(root, 'usr/sbin/apache2'), join(root, 'usr/lib/apache2/modules')];
  if (!existsSync(binary) || !existsSync(join(modules, MODULE))) return undefined;
  const lib = join(root, 'usr/lib');
  const libraries = root === '/' ? [] : readdirSync(lib).filter((name) => name.includes('-linux-'));
  return { binary, modules, libraries: libraries.map((name) => join(lib, name)) };
}

async function unpackFresh(directory: string): Promise<string> {
  const [lists, cache] = [join(directory, 'lists'), join(directory, 'cache')];
  for (const place of [lists, cache]) mkdirSync(place);
  const options = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`].flatMap((option) => ['-o', option]);
  await aptGet(options, ['update', '--error-on=any']);
  return unpack(join(directory, 'fresh'), options);
}

async function unpack(place: string, options: readonly string[]): Promise<string> {
  const [packages, root] = [join(place, 'packages'), join(place, 'root')];
  mkdirSync(packages, { recursive: true });
  const plan = await aptGet(options, ['install', '--simulate', '--no-install-recommends', ...PACKAGES]);
  const names = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
  await aptGet(options, ['download', ...names], packages);
  for (const file of readdirSync(packages)) await run('dpkg-deb', ['--extract', join(packages, file), root]);
  return root;
}

function aptGet(options: readonly string[], words: readonly string[], cwd?: string) {
  const all = ['-o', 'Acquire::Retries=0', '-o', 'APT::Sandbox::User=root', ...options, ...words];
  return run('apt-get', all, { timeout: PATIENCE_MS, ...(cwd !== undefined && { cwd }) });
}
