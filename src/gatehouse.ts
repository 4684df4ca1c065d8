/** The composition root: constructs every part of an installation from the settings and connects them. No other file does. */
import { createSecretKey } from 'node:crypto';
import { recordMigrations } from './audit/record-whole-database-events.ts';
import { actingAs, createAudit } from './audit/write-in-transaction-or-batch.ts';
import { keepMasterKey } from './config/development-master-key.ts';
import { makeDataDirectory } from './config/make-data-directory.ts';
import type { Settings } from './config/settings-schema.ts';
import { createClaimCatalogue } from './identity/claims/claims-by-scope-and-place.ts';
import { createHasherFor } from './identity/passwords/choose-password-hasher.ts';
import { finishRemovals } from './identity/users/user-removal.ts';
import { createBoundedCache } from './lib/bounded-cache.ts';
import { type Clock, createSystemRandom, type Random, systemClock } from './lib/clock-and-random.ts';
import { deriveKey } from './lib/derive-key.ts';
import { createMetrics, type Metrics } from './lib/gatehouse-prometheus-metrics.ts';
import type { Logger } from './lib/log.ts';
import { repeat } from './lib/periodic-work.ts';
import { newIdentifier } from './lib/time-ordered-ids-and-secrets.ts';
import { createAllowance } from './lib/token-bucket-rate-limit.ts';
import { createMailChannel } from './notify/deliver-mail.ts';
import { createOutbox } from './notify/deliver-outbox.ts';
import { createNotices } from './notify/write-notices.ts';
import { createGuesses } from './oauth/clients/authentication/guesses.ts';
import { createClientKeys } from './oauth/clients/cached-client-jwks.ts';
import { createLogos } from './oauth/clients/cached-client-logos.ts';
import { createClients } from './oauth/clients/cached-client-lookups.ts';
import { removeClients } from './oauth/clients/remove-unused-clients.ts';
import { fillDerived } from './oauth/clients/tables-derived-from-metadata.ts';
import type { OAuthContext } from './oauth/context.ts';
import { createSigner } from './oauth/keys/batched-signer.ts';
import { createFormerKeys, KEY_MAINTENANCE_MS } from './oauth/keys/erase-former-keys.ts';
import { maintainKeys } from './oauth/keys/maintain-keys.ts';
import { chooseMasterKey } from './oauth/keys/master-key-that-opens-stored-keys.ts';
import { refuseWrongMasterKey } from './oauth/keys/refuse-wrong-master-key.ts';
import { createKeySet } from './oauth/keys/signing-and-published-keys.ts';
import { createBackChannelLogout } from './oauth/notifications/back-channel-logout.ts';
import { createEndings, noticeAllEnded, noticeEnding } from './oauth/notifications/write-logout-notices.ts';
import { missRate } from './oauth/requests/introspection.ts';
import { createPairwiseSubjects } from './oauth/seal-and-open-pairwise-subject.ts';
import type { VerifiedToken } from './oauth/tokens/context.ts';
import { createOutbound } from './outbound/send-to-checked-address.ts';
import { createCleanUp } from './storage/cleanup.ts';
import type { Database } from './storage/database.ts';
import { ensureInstallationId } from './storage/installation-id.ts';
import { type MigrationPolicy, migrateIfAllowed, readMigrations } from './storage/migrate.ts';
import { fileOfDatabase, openDatabase } from './storage/open-database-by-url.ts';
import { refuseUnsuitableText } from './storage/refuse-unsuitable-encoding-or-collation.ts';
import { createRevision, type Revision } from './storage/revision-and-restore-times.ts';
import { refuseInaccessibleFile } from './storage/sqlite/denied-access.ts';
import { refuseDamagedFile, refuseUnusableFile } from './storage/sqlite/file-checks.ts';
import { claimDatabaseFile, OWN_FILE_ADVICE } from './storage/sqlite/server-lock.ts';

const VERIFIED_TOKENS = { entries: 10_000, bytes: 32 * 1024 * 1024 };

/** For one address: two sign-ins each for 5,000 users who arrive at once behind it; 70 MB an hour in the long run. */
const STORED_KILOBYTES = { atOnce: 10_000, perSecond: 20 };
const CLEAN_UP_MS = 10_000;

export const migrationsDirectory = new URL('../migrations/', import.meta.url);

/** What tests may replace; by default the system's clock and random source. */
export interface Runtime {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log: Logger;
  /** For a command: the operator who runs it, as the actor of audit events. */
  readonly actor?: string;
  /** For a server: how many server processes share this machine's cores. */
  readonly serverProcesses?: number;
}

export interface Gatehouse extends OAuthContext {
  readonly metrics: Metrics;
  /** Whether the database was empty before. */
  readonly isNew: boolean;
  close(): Promise<void>;
}

export interface Opening {
  readonly isServer?: boolean;
  /** Whether missing migrations are applied to the database: by default they are. */
  readonly migrating?: MigrationPolicy;
}

/** Opens the installation for a command, which may run beside a server. */
export async function openGatehouse(
  settings: Settings,
  runtime: Runtime,
  { isServer = false, migrating = 'always' }: Opening = {},
): Promise<Gatehouse> {
  const file = fileOfDatabase(settings.database);
  if (file !== undefined) refuseUnusableFile(file);
  const db = openDatabase(settings.database, { timeLimited: isServer });
  try {
    const revision = createRevision(db, { isServer });
    return await assemble(settings, runtime, db, { revision, isServer, migrating });
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Opens the installation for a server, which is the only one on its SQLite file and maintains the keys. */
export async function buildGatehouse(settings: Settings, runtime: Runtime): Promise<Gatehouse> {
  // It reads outbound_ca, which may be missing; so it comes before any file or folder is created.
  createOutbound(settings);
  makeDataDirectory(settings);
  const file = fileOfDatabase(settings.database);
  const claim = file === undefined ? undefined : claimDatabaseFile(file, OWN_FILE_ADVICE);
  try {
    if (file !== undefined) {
      refuseInaccessibleFile(file);
      refuseDamagedFile(file);
    }
    const gatehouse = await openGatehouse(settings, runtime, { isServer: true });
    try {
      claim?.confirm();
      await refuseWrongMasterKey(gatehouse);
      keepMasterKey(settings);
      await maintainKeys(asServer(gatehouse));
    } catch (error) {
      await gatehouse.close();
      throw error;
    }
    const cleanUp = createCleanUp(gatehouse);
    const maintenance = { everyMs: KEY_MAINTENANCE_MS };
    const background = repeat(gatehouse.log, [
      { ...maintenance, name: 'keys', run: () => maintainKeys(asServer(gatehouse)) },
      { ...maintenance, name: 'former keys', run: createFormerKeys(gatehouse).run },
      { ...maintenance, name: 'clients', run: () => removeClients(asServer(gatehouse)) },
      { ...maintenance, name: 'people', run: () => finishRemovals(gatehouse) },
      { ...maintenance, name: 'derived', run: () => fillDerived(gatehouse.db) },
      { everyMs: CLEAN_UP_MS, name: 'clean-up', run: cleanUp.run },
    ]);
    return {
      ...gatehouse,
      async close() {
        background.stop();
        await cleanUp.close();
        await gatehouse.close();
        claim?.release();
      },
    };
  } catch (error) {
    claim?.release();
    throw error;
  }
}

/** For work that no request or operator asked for: its audit events name `server` as the actor. */
const asServer = (gatehouse: Gatehouse): Gatehouse => ({
  ...gatehouse,
  audit: actingAs(gatehouse.audit, 'server'),
});

async function assemble(
  given: Settings,
  runtime: Runtime,
  db: Database,
  { revision, isServer, migrating }: Required<Opening> & { readonly revision: Revision },
): Promise<Gatehouse> {
  const { log, actor, serverProcesses, clock = systemClock, random = createSystemRandom() } = runtime;
  const base = { clock, random, log, db };
  const { settings, applied, isNew } = await prepare(given, base, migrating);
  const metrics = createMetrics();
  const signer = createSigner(serverProcesses);
  const keys = createKeySet({ db, revision, clock, masterKey: settings.masterKey, signer });
  const passwordHasher = createHasherFor(serverProcesses, random);
  const own = createAudit({ ...base, count: (event) => metrics.count(event) });
  const audit = actor === undefined ? own : actingAs(own, actor);
  if (!isNew) await recordMigrations(base, actor ?? 'server', applied);
  const parts = { ...base, settings, revision, keys, audit, ...createClientParts(base, settings, revision) };
  const outbox = createOutbox({ ...base, channels: channelsOf(parts) }, { polls: isServer });
  return {
    ...parts,
    ...createMemory(clock),
    metrics,
    isNew,
    claimCatalogue: createClaimCatalogue(settings),
    passwordHasher,
    outbox,
    onSessionsEnd: listenerOf(base),
    notices: createNotices(parts),
    refreshTokenKey: createSecretKey(deriveKey(settings.masterKey, 'refresh tokens')),
    countGuess: createGuesses(parts),
    async close() {
      await outbox.close();
      passwordHasher.close();
      await signer.close();
      await audit.close();
      await db.close();
    },
  };
}

type Base = Pick<OAuthContext, 'clock' | 'random' | 'log' | 'db'>;

/** Migrates the database to this version, and chooses the master key that its keys are sealed with. */
async function prepare(given: Settings, { db, clock, random }: Base, migrating: MigrationPolicy) {
  await refuseUnsuitableText(db);
  const migrations = readMigrations(migrationsDirectory);
  const applied = await migrateIfAllowed(db, migrations, clock, migrating);
  const settings = { ...given, masterKey: await chooseMasterKey(db, given) };
  await ensureInstallationId(db, () => newIdentifier(clock, random));
  await fillDerived(db);
  return { settings, applied, isNew: applied.length === migrations.length };
}

function createClientParts({ clock, log, db }: Base, settings: Settings, revision: Revision) {
  const outbound = createOutbound(settings);
  return {
    outbound,
    clients: createClients(db, revision),
    clientKeys: createClientKeys({ clock, log, outbound }),
    logos: createLogos({ clock, log, outbound }),
    subjects: createPairwiseSubjects(settings.masterKey),
  };
}

const channelsOf = (parts: Parameters<typeof createBackChannelLogout>[0] & Base) => ({
  back_channel_logout: createBackChannelLogout(parts),
  sessions_ended: createEndings(parts),
  mail: createMailChannel(parts),
});

/** The caches and allowances of this process, each with its bound. */
const createMemory = (clock: Clock) => ({
  storageAllowance: createAllowance(clock, STORED_KILOBYTES),
  verifiedTokens: createBoundedCache<VerifiedToken>({
    ...VERIFIED_TOKENS,
    bytesOf: ({ characters }) => 4 * characters,
  }),
  introspected: new WeakMap(),
  introspectionMisses: createAllowance(clock, missRate),
  documents: new WeakMap(),
});

const listenerOf = (base: Base): OAuthContext['onSessionsEnd'] => ({
  one: (tx, sub, sid) => noticeEnding(base, tx, { sub, sid }),
  all: (tx, sub) => noticeEnding(base, tx, { sub }),
  rest: (sub) => noticeAllEnded(base, sub),
});
