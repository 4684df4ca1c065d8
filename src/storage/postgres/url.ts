/** Reads the URL of the database: the parameters of Gatehouse, and those for pg. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readPemFile } from '../../lib/read-pem-file.ts';
import { StorageRefusedError } from '../storage-errors.ts';
import { type PoolMode, poolModes } from './connection-settings-by-pool-mode.ts';
import { isKnownParameter, refuseUnread } from './url-parameters.ts';

const POOL_SIZE = 16;
const LARGEST_POOL = 500;

/** pg 8 treats these like verify-full, and prints a long warning about it in every command. */
const VERIFYING = new Set(['prefer', 'require', 'verify-ca']);

/** `pool_size` and `pool_mode` are Gatehouse's own; everything else in the URL is for pg. */
export function readUrl(text: string): { connectionString: string; max: number; poolMode: PoolMode } {
  const url = parse(text);
  refuseUnread(url.searchParams);
  const max = readPoolSize(url.searchParams.get('pool_size'));
  const poolMode = readPoolMode(url.searchParams.get('pool_mode'));
  refuseUselessFiles(url.searchParams);
  const before = url.search;
  url.searchParams.delete('pool_size');
  url.searchParams.delete('pool_mode');
  const isVerifying = VERIFYING.has(url.searchParams.get('sslmode') ?? '');
  if (isVerifying && !url.searchParams.has('uselibpqcompat')) url.searchParams.set('sslmode', 'verify-full');
  return { connectionString: url.search === before ? text : url.href, max, poolMode };
}

/**
 * An unencoded / # ? or % in the password ends the authority or cannot be decoded: part of the password would be taken for
 * the host name, resolved and logged. So such a URL is refused, and the message does not quote it.
 */
function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && isWhole(url)) return url;
  throw new StorageRefusedError(
    "the database's URL cannot be read; write postgres://USER:PASSWORD@HOST:PORT/NAME, and what is neither letter " +
      'nor digit in the password percent-encoded (%23 for #, %25 for %, %2F for /, %40 for @)',
  );
}

function isWhole({ username, password, pathname, hash, search, searchParams }: URL): boolean {
  const isStrange = [...searchParams.keys()].some((key) => !isKnownParameter(key));
  const isLate = pathname.includes('@') || hash !== '' || (isStrange && search.includes('@'));
  return !isLate && [username, password, pathname].every(canDecode);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Checked here because pg would fail at each connection without naming the file. */
function refuseUselessFiles(parameters: URLSearchParams): void {
  const read = (name: string) => {
    const file = parameters.get(name);
    return file === null ? undefined : { file, text: readPem(name, file) };
  };
  const [authority, certificate, key] = [read('sslrootcert'), read('sslcert'), read('sslkey')];
  if (authority) refuseUnless(`sslrootcert (${authority.file})`, () => new X509Certificate(authority.text));
  if (certificate || key)
    refuseUnless(`sslcert and sslkey (${certificate?.file}, ${key?.file})`, () =>
      createSecureContext({ cert: certificate?.text, key: key?.text }),
    );
}

function readPem(name: string, file: string): string {
  try {
    return readPemFile(file);
  } catch (error) {
    throw new StorageRefusedError(`${name} in the database's URL ${(error as Error).message}`);
  }
}

function refuseUnless(what: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw new StorageRefusedError(
      `${what} in the database's URL cannot be used (${(error as Error).message}); both are PEM files, and sslcert ` +
        'and sslkey belong together',
    );
  }
}

function readPoolSize(written: string | null): number {
  if (written === null) return POOL_SIZE;
  const max = Number(written);
  if (Number.isInteger(max) && max >= 1 && max <= LARGEST_POOL) return max;
  throw new StorageRefusedError(`pool_size in the database's URL must be 1 to ${LARGEST_POOL}`);
}

function readPoolMode(written: string | null): PoolMode {
  if (written === null) return 'session';
  const known = poolModes.find((mode) => mode === written);
  if (known) return known;
  throw new StorageRefusedError(
    `pool_mode in the database's URL must be ${poolModes.join(' or ')}, as the pooler between is set`,
  );
}
