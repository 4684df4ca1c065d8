/** The parameters of a database URL. Unknown ones are refused: a misspelt sslmode, for example, would be ignored. */
import { misspeltWord } from '../../lib/nearest-word.ts';
import { StorageRefusedError } from '../storage-errors.ts';

/** Gatehouse's own, and those that pg 8 reads from a URL (pg/lib/connection-parameters.js, pg-connection-string). */
const KNOWN = [
  'pool_size',
  'pool_mode',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'uselibpqcompat',
  'user',
  'password',
  'host',
  'port',
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'options',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'query_timeout',
];

/** pg treats any other value like one of these, and an empty one like no TLS at all. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  sslmode: ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'],
  ssl: ['true', '1', '0', 'no-verify'],
};

/** A text that does not match may be part of a secret, so it is not shown. */
const NAME_PATTERN = /^[a-z_]{1,40}$/i;

/** Throws {@link StorageRefusedError} for an unknown parameter, a repeated one, and an invalid value. */
export function refuseUnread(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (!KNOWN.includes(name)) throw unknown(name);
    if (parameters.getAll(name).length > 1)
      throw new StorageRefusedError(`${name} stands twice in the database's URL; write it once`);
    const values = VALUES[name];
    if (values && !values.includes(value))
      throw new StorageRefusedError(`${name} in the database's URL must be ${oneOf(values)}`);
  }
}

/** Whether Gatehouse or pg reads a parameter of this name. */
export function isKnownParameter(name: string): boolean {
  return KNOWN.includes(name);
}

function unknown(name: string): StorageRefusedError {
  const nearest = misspeltWord(name, KNOWN);
  const advice = nearest === undefined ? 'nothing here reads it: take it out' : `did you mean ${nearest}?`;
  const shown = NAME_PATTERN.test(name) ? name : '(not shown: it is like no name, and perhaps a secret)';
  return new StorageRefusedError(`unknown parameter ${shown} in the database's URL; ${advice}`);
}

function oneOf(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
