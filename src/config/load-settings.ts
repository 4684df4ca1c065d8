/** Reads the settings from gatehouse.yaml, overridden by the environment. Beside operator-running-command.ts only this file reads process.env. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import {
  checkSecret,
  decodeOperatorText,
  OperatorTextError,
  refuseReplacementCharacter,
} from '../lib/decode-operator-text.ts';
import { describeUnreadable } from '../lib/explain-file-access-error.ts';
import { nearestWord } from '../lib/nearest-word.ts';
import { faultWords, secretFaultWords } from '../lib/zod-messages.ts';
import { ConfigurationError } from './configuration-error.ts';
import { withoutSecrets } from './hide-secrets-in-message.ts';
import { isDevelopment } from './is-development.ts';
import { parseSettingsText } from './parse-settings-yaml.ts';
import { readMasterKey } from './read-and-derive-master-key.ts';
import { findClaimFaults } from './scope-and-claim-faults.ts';
import { exampleOf } from './setting-examples.ts';
import { type ParsedSettings, type Settings, secretSettings, settingsSchema } from './settings-schema.ts';
import { unsafeSettings } from './settings-unsafe-in-production.ts';
import { dataDirectoryOf } from './sqlite-file-and-folder.ts';

const PREFIX = 'GATEHOUSE_';

/** Variables that Kubernetes sets in every container for a service named gatehouse. */
const SERVICE_LINK =
  /^GATEHOUSE_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
/**
 * Values that do not conflict with a _FILE variable, as no operator chose them: the Dockerfile sets the second as a
 * default.
 */
const DEFAULTED_VALUES = ['', 'sqlite:/data/gatehouse.db'];
const DEFAULT_FILE = 'gatehouse.yaml';
const SETTING_NAMES = Object.keys(settingsSchema.shape);

export interface Source {
  /** --config FILE; without it gatehouse.yaml is read if it exists. */
  readonly configFile?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Reads, checks and completes the settings; creates no file. Throws {@link ConfigurationError}. */
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

function holdsSecret({ master_key, database, smtp_url }: Readonly<Record<string, unknown>>): boolean {
  return master_key !== undefined || [database, smtp_url].some(hasPassword);
}

function hasPassword(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && new URL(url).password !== '';
}

function namedSecretFiles(environment: NonNullable<Source['environment']>): string[] {
  return secretSettings.flatMap((name) => environment[`${PREFIX}${name.toUpperCase()}_FILE`] ?? []);
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

/** undefined if there is no such file. */
function readText(file: string): string | undefined {
  try {
    return decodeOperatorText(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ConfigurationError(`${resolve(file)} ${describeUnreadable(file, error, 'it must be a file')}`);
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

/** One of the variables that may set the same setting. */
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

/**
 * Two variables that differ are refused: a command must not use the one that the operator did not mean, such as
 * another database.
 */
function oneOf(one: Given, two: Given): Given {
  const [kept, other] = one.isFile ? [one, two] : [two, one];
  const isDefaulted = kept.isFile && DEFAULTED_VALUES.includes(other.value);
  if (isDefaulted || kept.value.trim() === other.value.trim()) return kept;
  throw new ConfigurationError(
    `${other.variable} and ${kept.variable} are both set, and differ: leave one out, as by env -u ${kept.variable}`,
  );
}

function refuseOtherEncoding(variable: string, value: string): void {
  try {
    refuseReplacementCharacter(value);
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
    // It is never typed, so random bytes are valid too. Decoded as it always was, so that what it sealed can still be
    // opened.
    if (setting === 'master_key') return bytes.toString('utf8').trim();
    const text = decodeOperatorText(bytes).trim();
    checkSecret(text);
    return text;
  } catch (error) {
    // If the operator wrote the secret itself instead of a path, it must not appear in the journal.
    const folder = dirname(file);
    const isPath = folder !== '.' && folder !== '/' && existsSync(folder);
    const shown =
      isPath || error instanceof OperatorTextError ? file : 'something in no folder that is there';
    throw new ConfigurationError(
      `${variable} names ${shown}, which ${describeUnreadable(file, error, 'name the file with the secret')}`,
    );
  }
}

/** Every name of a setting matches; the shortest master key is longer. */
const NAME_PATTERN = /^[a-z_]{1,29}\d{0,2}$/i;

function checkName(name: string, spell: (known: string) => string, where: string, seen = name): void {
  if (SETTING_NAMES.includes(name)) return;
  const nearest = nearestWord(name, SETTING_NAMES);
  const advice = nearest === undefined ? 'see docs/reference/settings.md' : `did you mean ${spell(nearest)}?`;
  const shown = NAME_PATTERN.test(name) ? seen : '(not shown: it is like no name, and perhaps a secret)';
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

/** For issues without a message of their own: what the value must be, what was seen, and an example line. */
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
  if (settings.smtp_url !== undefined && settings.mail_from === undefined) {
    throw new ConfigurationError(`smtp_url needs mail_from beside it. For example ${exampleOf('mail_from')}`);
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
