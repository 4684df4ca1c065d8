/** The keys that sign and those that others verify with. RFC 7517, decision 0031: next → current → retired → gone. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK, JWTPayload } from 'jose';
import type { Clock } from '../../lib/clock-and-random.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import type { Database } from '../../storage/database.ts';
import type { InstallationState, Revision } from '../../storage/revision-and-restore-times.ts';
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import { findKey, type KeyRow, listPublishedKeys } from '../../storage/tables/keys.ts';
import type { Signer } from './batched-signer.ts';
import { begunKey, isRetired, signingKey } from './key-state.ts';
import { type SigningAlgorithm, signingAlgorithms } from './make-and-verify-signatures.ts';
import { unseal } from './seal-private-keys.ts';
import { encodePart, signJwt } from './sign-jwt.ts';
import { findUnreadableKeys } from './unreadable-keys.ts';
import type { VerificationKey } from './verify-own-jwt.ts';

interface Key {
  readonly row: KeyRow;
  readonly publicJwk: JWK;
  readonly publicKey: KeyObject;
  readonly privateKey: () => KeyObject;
  /** The encoded JOSE header for a `typ`. */
  readonly headerOf: (typ: string | undefined) => string;
}

/** What a revision holds, until the next of its times comes, or the clock is set back. */
interface Loaded {
  readonly revision: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly keys: readonly Key[];
  readonly published: readonly JWK[];
  readonly algorithms: readonly SigningAlgorithm[];
  /** Those that were asked for. */
  readonly signing: Map<SigningAlgorithm, SigningKey>;
}

export interface SigningKey {
  /** A compact JWS. */
  sign(typ: string | undefined, payload: JWTPayload): Promise<string>;
}

export interface SigningKeys {
  /** Throws where there is none: which of them are needed is known of what was admitted. */
  signing(alg: SigningAlgorithm): SigningKey;
}

export interface KeySet {
  /** A compact JWS by the current key of the algorithm. */
  sign(alg: SigningAlgorithm, typ: string | undefined, payload: JWTPayload): Promise<string>;
  /** The current keys of several algorithms, opened; `signing` throws for one that could not be opened. */
  openEach(algorithms: readonly SigningAlgorithm[]): Promise<SigningKeys>;
  /** The public key of a published kid, for tokens that we signed. */
  findVerificationKey(kid: string): Promise<VerificationKey | undefined>;
  /** Whether the header of a token is that of a published key; its signature is not asked. */
  isByPublishedKey(token: string, typ: string): Promise<boolean>;
  /** What an operator is to do where the master key does not open a private key, of another node maybe. */
  whyUnreadable(): Promise<string | undefined>;
  /** Besides, those of keys that are published no more: an id_token_hint may be older than they are. */
  findFormerKey(kid: string): Promise<VerificationKey | undefined>;
  /** Public JWKs of next, current and retired keys; the same array for as long as nothing changes. */
  published(): Promise<readonly JWK[]>;
  /** Of next and current keys; the same array while it is the same list. What it was last, where the database is away. */
  algorithms(): Promise<readonly SigningAlgorithm[]>;
  /** The same without a question, where the database gave an answer before; it may be so no longer. */
  lastPublished(): LastPublished | undefined;
}

export interface LastPublished {
  readonly published: readonly JWK[];
  /** When it was last asked for, and the database confirmed it. */
  readonly knownAtMs: number;
}

/**
 * Reads the keys again when the revision changes or a time of a key is reached. A private key is opened at its first
 * signature, which throws where the master key does not open it.
 */
export function createKeySet(parts: {
  db: Database;
  revision: Revision;
  clock: Clock;
  masterKey: Buffer;
  signer: Signer;
}): KeySet {
  const sealingKey = deriveKey(parts.masterKey, 'private keys');
  /** A key is opened once, though its times may change. */
  let known: ReadonlyMap<string, Key> = new Map();
  let loaded: Loaded | undefined;
  let knownAtMs = 0;

  /** `isAsked`: the database itself was read, so the keys count as known from now; an earlier notification may be outdated. */
  async function load(asked: Promise<InstallationState>, isAsked: boolean): Promise<Loaded> {
    const askedAtMs = parts.clock.nowMs();
    const { revision } = await asked;
    const nowMs = parts.clock.nowMs();
    if (loaded?.revision === revision && nowMs >= loaded.sinceMs && nowMs < loaded.untilMs) {
      if (isAsked) knownAtMs = askedAtMs;
      return loaded;
    }
    const rows = await listPublishedKeys(parts.db, nowMs);
    const keys = rows.map((row) => ({ ...(known.get(row.kid) ?? openKey(row, sealingKey)), row }));
    known = new Map(keys.map((key) => [key.row.kid, key]));
    const published = keys.map((key) => key.publicJwk);
    const algorithms = sameList(loaded?.algorithms, algorithmsOf(rows, nowMs));
    const untilMs = nextChangeMs(rows, nowMs);
    loaded = { revision, sinceMs: nowMs, untilMs, keys, published, algorithms, signing: new Map() };
    knownAtMs = askedAtMs;
    return loaded;
  }

  const current = () => load(parts.revision.current(), false);
  const latest = () => load(parts.revision.latest(), true);

  /** M13: a key that another node made a moment ago may be in use there before this node is notified of it. */
  async function findKeyWhere<Found>(find: (keys: readonly Key[]) => Found | undefined) {
    return find((await current()).keys) ?? find((await latest()).keys);
  }

  async function findVerificationKey(kid: string): Promise<VerificationKey | undefined> {
    const key = await findKeyWhere((keys) => keys.find(({ row }) => row.kid === kid));
    return key && { alg: key.row.alg, publicKey: key.publicKey };
  }

  async function open(alg: SigningAlgorithm): Promise<SigningKey> {
    const { keys, signing } = await current();
    const opened = signing.get(alg);
    if (opened) return opened;
    const nowMs = parts.clock.nowMs();
    const begun = findByRow(keys, alg, (rows) => begunKey(rows, nowMs));
    if (begun) {
      const key = openedOf(begun, alg);
      signing.set(alg, key);
      return key;
    }
    const other = findByRow((await latest()).keys, alg, (rows) => signingKey(rows, nowMs));
    if (!other) throw new Error(`there is no active ${alg} key; run: gatehouse keys rotate --now`);
    return openedOf(other, alg);
  }

  async function openEach(algorithms: readonly SigningAlgorithm[]): Promise<SigningKeys> {
    const { signing } = await current();
    const missing = algorithms.filter((alg) => !signing.has(alg));
    const opened = missing.length === 0 ? [] : await Promise.allSettled(missing.map(open));
    return {
      signing(alg) {
        const other = opened[missing.indexOf(alg)];
        const key = other?.status === 'fulfilled' ? other.value : signing.get(alg);
        if (key) return key;
        throw other?.status === 'rejected' ? other.reason : new Error(`no key of ${alg} was opened`);
      },
    };
  }

  function openedOf(key: Key, alg: SigningAlgorithm): SigningKey {
    const privateKey = key.privateKey();
    return { sign: (typ, payload) => signJwt(parts.signer, alg, privateKey, key.headerOf(typ), payload) };
  }

  return {
    openEach,
    sign: async (alg, typ, payload) => (await open(alg)).sign(typ, payload),
    findVerificationKey,
    async isByPublishedKey(token, typ) {
      const header = token.slice(0, token.indexOf('.'));
      return (await current()).keys.some((key) => key.headerOf(typ) === header);
    },
    async findFormerKey(kid) {
      const published = await findVerificationKey(kid);
      const row = published ? undefined : await findKey(parts.db, kid);
      return row ? { alg: row.alg, publicKey: openPublicPart(row) } : published;
    },
    published: async () => (await latest()).published,
    async algorithms() {
      try {
        return (await current()).algorithms;
      } catch (error) {
        if (loaded && error instanceof StorageUnavailableError) return loaded.algorithms;
        throw error;
      }
    },
    whyUnreadable: async () => (await findUnreadableKeys(parts.db, parts.masterKey))[0]?.sentence,
    lastPublished: () => loaded && { published: loaded.published, knownAtMs },
  };
}

/** When the next key activates, retires or is removed. */
function nextChangeMs(rows: readonly KeyRow[], nowMs: number): number {
  const times = rows.flatMap((row) => [row.activates_at, row.retires_at ?? 0, row.removed_at ?? 0]);
  return Math.min(...times.filter((time) => time > nowMs));
}

function openKey(row: KeyRow, sealingKey: Buffer): Key {
  const publicJwk = JSON.parse(row.public_jwk);
  const headers = new Map<string | undefined, string>();
  let privateKey: KeyObject | undefined;
  return {
    row,
    publicJwk,
    publicKey: openPublicPart(row),
    privateKey() {
      privateKey ??= createPrivateKey({
        key: JSON.parse(unseal(sealingKey, row.kid, row.private_sealed)),
        format: 'jwk',
      });
      return privateKey;
    },
    headerOf(typ) {
      const header = headers.get(typ) ?? encodePart({ alg: row.alg, typ, kid: row.kid });
      headers.set(typ, header);
      return header;
    },
  };
}

function findByRow(
  keys: readonly Key[],
  alg: SigningAlgorithm,
  choose: (rows: readonly KeyRow[]) => KeyRow | undefined,
): Key | undefined {
  const chosen = choose(keys.map(({ row }) => row).filter((row) => row.alg === alg));
  return keys.find(({ row }) => row === chosen);
}

function openPublicPart({ public_jwk }: KeyRow): KeyObject {
  return createPublicKey({ key: JSON.parse(public_jwk), format: 'jwk' });
}

function algorithmsOf(rows: readonly KeyRow[], nowMs: number): SigningAlgorithm[] {
  return signingAlgorithms.filter((alg) => rows.some((row) => row.alg === alg && !isRetired(row, nowMs)));
}

/** What is rendered from it is rendered once. */
function sameList<Item>(before: readonly Item[] | undefined, list: readonly Item[]): readonly Item[] {
  return before?.join() === list.join() ? before : list;
}
