/** Settings from gatehouse.yaml, overridden by the environment. The only reader of process.env. */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { faultWords, secretFaultWords, withoutSecrets } from '../lib/fault-words.ts';
import { nearestWord } from '../lib/nearest-word.ts';
import { readPemFile, unusable } from '../lib/operator-files.ts';
import { checkSecret, decodeWritten, refuseRepaired, WrittenTextError } from '../lib/operator-text.ts';
import { findClaimFaults } from './claim-faults.ts';
import { isDevelopment, unsafeSettings } from './development.ts';
import { ConfigurationError } from './error.ts';
import { exampleOf } from './examples.ts';
import { dataDirectoryOf } from './file-locations.ts';
import { readMasterKey } from './master-key.ts';
import { type ParsedSettings, type Settings, secretSettings, settingsSchema } from './schema.ts';
import { parseSettingsText } from './settings-text.ts';

const PREFIX = 'GATEHOUSE_';
/** What Kubernetes tells every container of a service that is named gatehouse. */
const SERVICE_LINK =
  /^GATEHOUSE_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
/** Beside a variable with _FILE nobody chose it: the Dockerfile sets the second for all who write nothing else. */
const UNSAID = ['', 'sqlite:/data/gatehouse.db'];
const DEFAULT_FILE = 'gatehouse.yaml';
const SETTING_NAMES = Object.keys(settingsSchema.shape);

export interface Source {
  /** --config FILE; without it gatehouse.yaml is read where there is one. */
  readonly configFile?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Reads, checks and completes the settings; makes nothing. Throws {@link ConfigurationError}. */
export function loadSettings(source: Source = {}): Settings {
  const environment = source.environment ?? process.env;
  const inFile = readFile(source.configFile);
  const written = { ...inFile, ...readEnvironment(environment) };
  const settings = parse(written);
  const findings = unsafeSettings(settings, dataDirectoryOf(settings.database));
  if (findings.length > 0) {
    throw new ConfigurationError(`These settings are not safe to serve with:\n- ${findings.join('\n- ')}`);
  }
  const holding = holdsSecret(inFile) ? [source.configFile ?? DEFAULT_FILE] : [];
  return complete(settings, [...holding, ...namedSecretFiles(environment)]);
}

function holdsSecret({ master_key, database }: Readonly<Record<string, unknown>>): boolean {
  const url = typeof database === 'string' && URL.canParse(database) ? new URL(database) : undefined;
  return master_key !== undefined || (url !== undefined && url.password !== '');
}

function namedSecretFiles(environment: NonNullable<Source['environment']>): string[] {
  return secretSettings.flatMap((name) => environment[`${PREFIX}${name.toUpperCase()}_FILE`] ?? []);
}

/** Who types a command, as the system knows them; through sudo, whom sudo names too. */
export function operatorName(environment: Source['environment'] = process.env): string {
  const { SUDO_USER } = environment;
  const through = SUDO_USER === undefined || SUDO_USER === '' ? '' : ` (sudo ${SUDO_USER.slice(0, 64)})`;
  return `os:${ownName()}${through}`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A number without a name, as in a container.
    return `uid ${process.geteuid?.()}`;
  }
}

function readFile(named: string | undefined): Record<string, unknown> {
  const file = named ?? DEFAULT_FILE;
  const text = readText(file);
  if (text === undefined && named !== undefined)
    throw new ConfigurationError(`there is no file ${resolve(named)} (from --config)`);
  if (text === undefined) return {};
  const { content, lineOf } = parseSettingsText(file, text);
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigurationError(`${file} must be a list of "setting: value" lines`);
  }
  for (const name of Object.keys(content))
    checkName(name, (known) => known, `in line ${lineOf(name)} of ${file}`);
  return content as Record<string, unknown>;
}

/** Undefined where there is no such file. */
function readText(file: string): string | undefined {
  try {
    return decodeWritten(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ConfigurationError(`${resolve(file)} ${unusable(file, error, 'it must be a file')}`);
  }
}

function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const given = new Map<string, Given>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || value === undefined || SERVICE_LINK.test(variable)) continue;
    const [name, one] = readOne(variable, value);
    const other = given.get(name);
    given.set(name, other === undefined ? one : oneOf(other, one));
  }
  return Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
}

/** One variable, of the several that may name a setting. */
interface Given {
  readonly variable: string;
  readonly value: string;
  readonly isFile: boolean;
}

function readOne(variable: string, value: string): [name: string, given: Given] {
  const name = variable.slice(PREFIX.length).toLowerCase();
  const secret = secretSettings.find((candidate) => name === `${candidate}_file`);
  if (secret !== undefined)
    return [secret, { variable, value: readSecret(secret, variable, value), isFile: true }];
  checkName(name, (known) => PREFIX + known.toUpperCase(), 'in the environment', variable);
  if (name !== 'master_key') refuseOtherEncoding(variable, value);
  return [name, { variable, value, isFile: false }];
}

/** Who sets one for a single command must not work on what the other one names, and be told that it is done. */
function oneOf(one: Given, two: Given): Given {
  const [kept, other] = one.isFile ? [one, two] : [two, one];
  const isUnsaid = kept.isFile && UNSAID.includes(other.value);
  if (isUnsaid || kept.value.trim() === other.value.trim()) return kept;
  throw new ConfigurationError(
    `${other.variable} and ${kept.variable} are both set, and differ: leave one out, as by env -u ${kept.variable}`,
  );
}

function refuseOtherEncoding(variable: string, value: string): void {
  try {
    refuseRepaired(value);
  } catch (error) {
    throw new ConfigurationError(`${variable} in the environment ${(error as Error).message}`);
  }
}

function readSecret(setting: string, variable: string, file: string): string {
  if (file.trim() === '')
    throw new ConfigurationError(
      `${variable} must not be empty: name the file with the secret, or leave it out`,
    );
  try {
    const bytes = readFileSync(file);
    // Nobody types it, and random bytes are one too: what was sealed with it as it was always read goes on to open.
    if (setting === 'master_key') return bytes.toString('utf8').trim();
    const text = decodeWritten(bytes).trim();
    checkSecret(text);
    return text;
  } catch (error) {
    // Who writes the secret itself here must not find it in the journal.
    const folder = dirname(file);
    const isPath = folder !== '.' && folder !== '/' && existsSync(folder);
    const shown = isPath || error instanceof WrittenTextError ? file : 'something in no folder that is there';
    throw new ConfigurationError(
      `${variable} names ${shown}, which ${unusable(file, error, 'name the file with the secret')}`,
    );
  }
}

/** The text of a PEM file that a setting names. Throws {@link ConfigurationError}. */
export function readPem(setting: string, file: string): string {
  try {
    return readPemFile(file);
  } catch (error) {
    throw new ConfigurationError(`${setting} ${(error as Error).message}`);
  }
}

/** As every setting is named; the shortest master key is longer. */
const LIKE_A_NAME = /^[a-z_]{1,29}\d{0,2}$/i;

function checkName(name: string, spell: (known: string) => string, where: string, seen = name): void {
  if (SETTING_NAMES.includes(name)) return;
  const nearest = nearestWord(name, SETTING_NAMES);
  const advice = nearest === undefined ? 'see docs/reference/settings.md' : `did you mean ${spell(nearest)}?`;
  const shown = LIKE_A_NAME.test(name) ? seen : '(not shown: it is like no name, and perhaps a secret)';
  throw new ConfigurationError(`unknown setting ${shown} ${where}; ${advice}`);
}

function parse(written: Record<string, unknown>): ParsedSettings {
  const outcome = settingsSchema.safeParse(written, { error: wordsFor(written) });
  if (outcome.success) return checkTogether(outcome.data);
  const lines = outcome.error.issues.map(({ path, message }) =>
    withoutSecrets(`${path.join('.')}: ${message}`),
  );
  throw new ConfigurationError(`These settings cannot be used:\n- ${lines.join('\n- ')}`);
}

/** Of whatever has no sentence of its own: what it must be, what was seen, and a line that may be written. */
function wordsFor(written: Record<string, unknown>): z.core.$ZodErrorMap {
  const words = faultWords(written);
  return (issue) => {
    const name = String(issue.path?.[0]);
    const fault = secretSettings.includes(name) ? secretFaultWords(issue) : words(issue);
    return `${fault}. For example ${exampleOf(name)}`;
  };
}

function checkTogether(settings: ParsedSettings): ParsedSettings {
  if ((settings.tls_cert === undefined) !== (settings.tls_key === undefined)) {
    throw new ConfigurationError('tls_cert and tls_key belong together: write both or neither');
  }
  const faults = findClaimFaults(settings);
  if (faults.length > 0) {
    throw new ConfigurationError(`These settings cannot be used:\n- ${faults.join('\n- ')}`);
  }
  return settings;
}

function complete(settings: ParsedSettings, secretFiles: readonly string[]): Settings {
  const { file, ...masterKey } = readMasterKey(settings);
  return {
    ...settings,
    max_connections_per_address:
      settings.max_connections_per_address ?? Math.floor(settings.max_connections / 4),
    basePath: new URL(settings.issuer).pathname.replace(/\/$/, ''),
    development: isDevelopment(settings.issuer),
    ...masterKey,
    secretFiles: [...secretFiles, ...[file ?? [], settings.tls_key ?? []].flat()],
  };
}
