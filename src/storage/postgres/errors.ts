/** Classifies the errors of PostgreSQL, its sockets and the pool. */
import { StorageUnavailableError } from '../storage-errors.ts';

/** serialization_failure and deadlock_detected: the transaction is tried again. */
const CONFLICTS = new Set(['40001', '40P01']);

/** Class 08 connection, 53 resources, 57 operator intervention, 58 system; 25006 read-only. */
const PASSING = /^(08|53|57|58|25006|25P03)/;

/** The server runs but cannot serve us now. PostgreSQL appendix A */
const ANSWERED: Readonly<Record<string, string>> = {
  '53300': 'has no connection left: raise its max_connections, or lower pool_size in the URL of the database',
  '53100': 'its disk is full: make room there',
  '53200': 'it is out of memory',
  '25006':
    'takes no writes: it is a standby, or was set to read-only; name the primary in the URL of the database',
  '57P03': 'is starting or being shut down',
};

/** Class 28 authorization, 3D no such database, 42501 insufficient privilege. */
const ACCESS_DENIED = /^(28|3D|42501)/;

/** Errors that pg raises before the server answers. */
const NO_PASSWORD = /^SASL: .*client password must be a/;
const NO_AGREEMENT = /^SASL: /;

const NO_TLS = /does not support SSL/;

const NAME_ITS_AUTHORITY =
  'the authority of its certificate is not known here: name its PEM file, sslrootcert=FILE in the URL of the database ' +
  '(outbound_ca is for other connections)';

/** What is wrong with the server's certificate, by the error codes of OpenSSL and Node, and what to do. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: NAME_ITS_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: NAME_ITS_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NAME_ITS_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: NAME_ITS_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NAME_ITS_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: write that one as the host in the URL of the database',
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it there',
  CERT_NOT_YET_VALID: 'its certificate begins later: set the clocks of both machines',
};

/**
 * A pooler in transaction mode refuses startup parameters, and gives us a server connection that lacks our prepared
 * statements, or has those of another client under the same names. PgBouncer 1.18; PostgreSQL appendix A
 */
const POOLED = /unsupported startup parameter/;
const STATEMENTS_OF_OTHERS = new Set(['26000', '42P05']);

/** The server cancelled the statement; the connection can still be used. */
const QUERY_CANCELED = '57014';

const LOST = /Connection terminated|not queryable|timeout exceeded when trying to connect|after calling end/;

/** The SQLSTATE or the error code of the socket (ECONNREFUSED); '' if there is neither. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * Whether it is a serialization failure (40001) or a deadlock (40P01): the transaction may succeed when it is run
 * again.
 */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error));
}

/**
 * Whether a migration by another node changed a table that a prepared statement uses: this connection can never run the
 * statement again, a new one can.
 */
export function isStalePlan(error: unknown): boolean {
  return codeOf(error) === '0A000' && /cached plan/.test((error as Error).message);
}

/** Whether the connection cannot be used any more after this error. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code === QUERY_CANCELED) return false;
  return PASSING.test(code) || isSocketFailure(error, code);
}

/**
 * An error that is temporary, or that the operator of the database can fix, becomes a {@link StorageUnavailableError} that
 * names the address. Any other error is returned as it is.
 */
export function asUnavailable(error: unknown, address: () => string): unknown {
  if (error instanceof StorageUnavailableError) return error;
  const code = codeOf(error);
  const message = String((error as Error | undefined)?.message);
  if (POOLED.test(message) || STATEMENTS_OF_OTHERS.has(code)) {
    return new StorageUnavailableError(
      `a pooler is between here and the database at ${address()} (${message}); ` +
        'add pool_mode=transaction to the URL of the database',
    );
  }
  if (NO_PASSWORD.test(message)) {
    return new StorageUnavailableError(
      `the database at ${address()} wants a password and its URL has none: write postgres://USER:PASSWORD@HOST/NAME ` +
        '(what is neither letter nor digit in the password percent-encoded), or put it into PGPASSWORD or ~/.pgpass',
    );
  }
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined)
    return new StorageUnavailableError(
      `no connection to the database at ${address()}: ${certificate} (${code})`,
    );
  if (ACCESS_DENIED.test(code) || NO_TLS.test(message) || NO_AGREEMENT.test(message)) {
    return new StorageUnavailableError(
      `the database at ${address()} refuses (${[code, message].filter(Boolean).join(', ')}); ` +
        'look at the user, the password, the name and sslmode in its URL, and at what it lets this user do',
    );
  }
  const remedy = ANSWERED[code];
  if (remedy !== undefined)
    return new StorageUnavailableError(
      `the database at ${address()} answers, and ${remedy} (${code}, ${message})`,
    );
  const isPassing = PASSING.test(code) || isSocketFailure(error, code);
  return isPassing
    ? new StorageUnavailableError(
        `the database at ${address()} does not answer (${code || 'connection lost'}); ` +
          'look whether it runs there, and whether the URL of the database names it',
      )
    : error;
}

function isSocketFailure(error: unknown, code: string): boolean {
  return /^E(AI_)?[A-Z]+$/.test(code) || (error instanceof Error && LOST.test(error.message));
}
