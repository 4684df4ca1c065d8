/** Every setting with its schema, default and description. Names are snake_case in YAML, GATEHOUSE_… in the environment. */
import { z } from 'zod';
import { parseRange } from '../lib/ip-address-checks.ts';
import { wholeNumber } from '../lib/whole-number.ts';
import { parseIssuer } from './issuer.ts';
import { parseMailbox, parseMailServer } from './parse-mail-settings.ts';
import { parseAllowed } from './parse-outbound-allow.ts';
import { claimsSetting, scopesSetting } from './scope-and-claim-settings.ts';
import { parseFurtherAlgorithm } from './signing-algorithms.ts';

const DAY_SECONDS = 86_400;

/** RFC 6749 §4.1.2 recommends at most ten minutes; one minute is enough. */
export const LONGEST_CODE_SECONDS = 60;

const list = z.preprocess(splitList, z.array(z.string()));

function splitList(written: unknown): unknown {
  if (typeof written !== 'string') return written;
  return written
    .split(/[\s,]+/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const seconds = (preset: number, minimum: number, maximum: number) =>
  wholeNumber(minimum, maximum).default(preset);

const days = (preset: number) => wholeNumber(0, 36_500).default(preset);
const yesOrNo = z.preprocess((written) => YES_OR_NO.get(written) ?? written, z.boolean());
const YES_OR_NO = new Map<unknown, boolean>([
  ['true', true],
  ['false', false],
]);

const file = z.string().pipe(z.string().min(1));
const most = (preset: number, maximum: number) => wholeNumber(1, maximum).default(preset);

/** Throws if the text is not host:port. */
function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:]+)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port);
  if (!match || port > 65_535) throw new Error(`"${text}" is not host:port, such as 127.0.0.1:4000`);
  return { host: match.groups?.six ?? match.groups?.name ?? '', port };
}

/** A transform. The message of an error that `parse` throws becomes the message for the setting. */
function parsed<T>(parse: (text: string) => T) {
  return (text: string, context: z.RefinementCtx): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  };
}

/** In characters; `openssl rand -base64 48` prints 64. */
export const SHORTEST_MASTER_KEY = 32;

export const settingsSchema = z.strictObject({
  issuer: z
    .string()
    .transform(parsed(parseIssuer))
    .default('http://localhost:4000')
    .describe('The issuer identifier; every URL that Gatehouse emits is derived from it.'),
  listen: z
    .string()
    .transform(parsed(parseListen))
    .default({ host: '127.0.0.1', port: 4000 })
    .describe('The address to listen on, as host:port.'),
  database: z
    .string()
    .default('sqlite:data/gatehouse.db')
    .describe(
      'Where everything is stored: sqlite:FILE, or a postgres:// URL (?pool_mode=transaction behind PgBouncer).',
    ),
  master_key: z
    .string()
    .pipe(z.string().min(SHORTEST_MASTER_KEY))
    .optional()
    .describe(
      'At least 32 random characters; seals the private keys. In development one is created next to the database.',
    ),
  tls_cert: file
    .optional()
    .describe('PEM file of the certificate chain; with tls_key, Gatehouse serves https itself.'),
  tls_key: file.optional().describe('PEM file of the private key that belongs to tls_cert.'),
  trusted_proxies: list
    .transform((items, context) => items.map((item) => parsed(parseRange)(item, context)))
    .default([])
    .describe('Addresses or networks whose X-Forwarded-For is trusted.'),
  outbound_ca: file
    .optional()
    .describe('PEM file of a further certificate authority that outbound fetches, doctor and login trust.'),
  outbound_allow: list
    .transform((items, context) => items.map((item) => parsed(parseAllowed)(item, context)))
    .default([])
    .describe('Hosts or networks that outbound fetches may reach although they are private.'),
  smtp_url: z
    .string()
    .transform(parsed(parseMailServer))
    .optional()
    .describe(
      'The mail server: smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS, which only a server on this machine may lack. Without it no mail is sent; in development it is kept in files.',
    ),
  mail_from: z
    .string()
    .transform(parsed(parseMailbox))
    .optional()
    .describe('Whom mail comes from: an address, or NAME <ADDRESS>. Goes with smtp_url.'),
  unfinished_profiles: yesOrNo
    .default(false)
    .describe(
      'Whether a client may have a profile that is not complete yet (fapi2); only for conformance runs.',
    ),
  registration: z
    .enum(['off', 'token', 'open'])
    .default('off')
    .describe(
      'Whether apps may register themselves (RFC 7591): not at all, with an initial access token, or without one.',
    ),
  registration_limit: wholeNumber(1, 1_000_000)
    .default(1000)
    .describe('The most clients that registered themselves.'),
  registration_unused_days: wholeNumber(1, 365)
    .default(7)
    .describe('A client that registered itself and never got a token is deleted after so many days.'),
  registration_idle_days: wholeNumber(1, 1000)
    .default(180)
    .describe(
      'A client that registered itself is deleted so many days after its last token, when none of its refresh tokens can be valid.',
    ),
  audit_days: days(400).describe('Audit events go after so many days; 0: never.'),
  personal_data_days: days(90).describe(
    'After so many days, sessions that are over and audit events lose address and user agent; 0: never.',
  ),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least serious log lines to write.'),
  metrics_listen: z
    .string()
    .transform(parsed(parseListen))
    .optional()
    .describe(
      'A separate host:port for /metrics; without it, /metrics answers direct requests from this machine alone.',
    ),
  scopes: scopesSetting
    .default({})
    .describe(
      'Scopes of your own and the sentence that the consent page shows for each, or { sentence, claims }.',
    ),
  claims: claimsSetting
    .default({})
    .describe(
      'Claims of your own: { from: attribute NAME, groups or roles; in: a list of id_token, userinfo, access_token }.',
    ),
  access_token_seconds: seconds(300, 30, DAY_SECONDS).describe('How long an access token lives.'),
  id_token_seconds: seconds(300, 30, DAY_SECONDS).describe('How long an ID token lives.'),
  code_seconds: seconds(30, 5, LONGEST_CODE_SECONDS).describe(
    'How long an authorization code lives (RFC 6749 §4.1.2; at most 60).',
  ),
  interaction_seconds: seconds(600, 60, 3600).describe(
    'How long a person may take to sign in and decide; for two hours after that, a later answer starts the authorization again.',
  ),
  session_idle_seconds: seconds(12 * 3600, 60, 90 * DAY_SECONDS).describe(
    'A session unused for so long ends.',
  ),
  session_absolute_seconds: seconds(30 * DAY_SECONDS, 60, 400 * DAY_SECONDS).describe(
    'A session older than this ends.',
  ),
  refresh_token_grace_seconds: seconds(10, 0, 60).describe(
    'For so long the direct predecessor of a refresh token gets the same successor again.',
  ),
  refresh_token_idle_seconds: seconds(30 * DAY_SECONDS, 60, 400 * DAY_SECONDS).describe(
    'A refresh token unused for so long ends.',
  ),
  refresh_token_absolute_seconds: seconds(90 * DAY_SECONDS, 60, 1000 * DAY_SECONDS).describe(
    'A grant with refresh tokens ends at this age.',
  ),
  sessions_per_user: most(1000, 1_000_000).describe(
    'The most live sessions of one person; above that, those that were unused for longest end.',
  ),
  grants_per_user_and_client: most(1000, 1_000_000).describe(
    'The most live grants of one person and one client, approximately, and as many whose code was not redeemed yet; above that, the oldest end.',
  ),
  password_minimum_length: wholeNumber(8, 64)
    .default(15)
    .describe('The fewest characters of a password (NIST SP 800-63B-4: 15 where it is the only factor).'),
  jwks_max_age_seconds: seconds(900, 0, DAY_SECONDS).describe(
    'How long others may cache /jwks; a new key is published at least this long before it signs.',
  ),
  key_rotation_days: wholeNumber(1, 730).default(90).describe('How long a signing key signs.'),
  further_signing_algorithms: list
    .transform((items, context) => items.map((item) => parsed(parseFurtherAlgorithm)(item, context)))
    .default([])
    .describe(
      'PS256, EdDSA: keys that are created before a client uses them, so that apps may register themselves with them.',
    ),
  max_connections: wholeNumber(16, 100_000).default(8192).describe('The most sockets open at the same time.'),
  max_connections_per_address: wholeNumber(4, 100_000)
    .optional()
    .describe(
      'The most sockets that one address has open (of IPv6: one /64); without it a quarter of max_connections. trusted_proxies have no such bound.',
    ),
  drain_seconds: seconds(20, 1, 300).describe('How long a stop waits for requests under way.'),
});

export type ParsedSettings = z.output<typeof settingsSchema>;

/** The settings in force, and values that are derived from them once. */
export interface Settings extends ParsedSettings {
  /** The issuer's path without a trailing slash: '' or '/tenant'. */
  readonly basePath: string;
  readonly max_connections_per_address: number;
  /** An http issuer on a loopback host (decision 0051). */
  readonly development: boolean;
  /** 32 bytes, from which all other keys are derived. */
  readonly masterKey: Buffer;
  /** The keys of the same text with other white space at its ends, which earlier versions did not ignore. */
  readonly otherMasterKeys: readonly Buffer[];
  /** Why the text is probably not the intended secret (config/read-and-derive-master-key.ts). */
  readonly masterKeyDoubt: string | undefined;
  /** Files that hold secrets. */
  readonly secretFiles: readonly string[];
  /** Set in a development installation that has no key file yet: the key and where to write it. */
  readonly newMasterKey: NewMasterKey | undefined;
}

/** A master key that was generated and not written to its file yet. */
export interface NewMasterKey {
  readonly file: string;
  readonly text: string;
}

/** Settings that may be read from a file named by GATEHOUSE_…_FILE. */
export const secretSettings: readonly string[] = ['master_key', 'database', 'smtp_url'];
