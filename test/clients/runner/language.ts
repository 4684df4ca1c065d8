/** How programs of one language are built and run: in a copy of their folder outside the repository, where what they need is kept. */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Authority } from './authority.ts';

export interface Language {
  readonly name: string;
  /** Under test/clients. */
  readonly folder: string;
  /** The executables that it takes; where one is missing its clients are skipped. */
  readonly tools: readonly string[];
  /** What pins the versions, relative to the folder. */
  readonly manifests: readonly string[];
  /** Commands that fetch what the manifests pin; once for each of their states. */
  readonly fetch: readonly (readonly string[])[];
  /** The command that builds one program each time; undefined where nothing is built. */
  build?(program: string): readonly string[];
  /** The command that runs one program. */
  start(program: string, workshop: string): readonly string[];
  /** How it is told of the authority, in its own way. */
  trust(authority: Authority): Record<string, string>;
  /** The version of a package that the manifests pin. */
  version(packageName: string): string;
}

const root = fileURLToPath(new URL('../', import.meta.url));

export const CACHE = process.env.CLIENTS_CACHE ?? join(homedir(), '.cache', 'gatehouse-clients');

export function missingTool({ tools }: Language): string | undefined {
  return tools.find((tool) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool]).status !== 0);
}

export function manifestText({ folder, manifests }: Pick<Language, 'folder' | 'manifests'>): string {
  return manifests.map((name) => readFileSync(join(root, folder, name), 'utf8')).join('\n');
}

/** The folder in which its programs run, with all that they need there. */
export async function openWorkshop(language: Language): Promise<string> {
  const workshop = join(CACHE, language.folder);
  mkdirSync(workshop, { recursive: true });
  cpSync(join(root, language.folder), workshop, { recursive: true, preserveTimestamps: true });
  const stamp = join(workshop, '.fetched');
  const state = createHash('sha256')
    .update(manifestText(language))
    .update(JSON.stringify(language.fetch))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return workshop;
  for (const command of language.fetch) await run(command, workshop);
  writeFileSync(stamp, state);
  return workshop;
}

/** Runs a command that must end well; what it says is shown only where it does not. */
export async function run(command: readonly string[], cwd: string): Promise<void> {
  const [name = '', ...words] = command;
  const options: SpawnOptions = { cwd, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(name, words, options);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-20_000);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${said}`);
}
