/** Liveness and readiness. */
import type { FastifyInstance } from 'fastify';
import { within } from '../lib/time-limit.ts';
import { readInstallationState } from '../storage/revision-and-restore-times.ts';
import { isFromDoctor } from './authenticate-doctor-by-master-key.ts';
import type { HttpContext } from './context.ts';
import type { ServerState } from './graceful-stop.ts';
import { refuseOtherMethods } from './method-not-allowed-and-preflight.ts';
import { noStore } from './response-headers.ts';

/** Shorter than the usual timeout of a probe, longer than the database's own timeouts. */
const READY_LIMIT_MS = 3000;

/**
 * Adds `/health/live` and `/health/ready`. Ready is 503 while the server stops, when the database does not accept writes, and
 * when a private key cannot be decrypted.
 */
export function registerHealth(app: FastifyInstance, context: HttpContext, serverState: ServerState): void {
  const { basePath } = context.settings;
  const whyNotReady = createReadiness(context, serverState);
  app.get(`${basePath}/health/live`, async (_request, reply) =>
    noStore(reply).send({ status: 'live', time: new Date(context.clock.nowMs()).toISOString() }),
  );
  app.get(`${basePath}/health/ready`, async (request, reply) => {
    const reason = await whyNotReady();
    if (reason === undefined) return noStore(reply).send({ status: 'ready' });
    // The reason names files, hosts and keys, so only doctor gets it.
    const details = isFromDoctor(context, request) ? { reason } : {};
    return noStore(reply)
      .code(503)
      .send({ status: 'not ready', ...details });
  });
  for (const name of ['live', 'ready']) refuseOtherMethods(app, `${basePath}/health/${name}`, ['GET']);
}

/**
 * Probes at the same time share one check of the database, and each is answered in time: with undefined, or with the reason,
 * which is logged too.
 */
function createReadiness(context: HttpContext, serverState: ServerState): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  return async () => {
    if (serverState.draining) {
      context.log.info({}, 'not ready: the server is stopping');
      return 'the server is stopping';
    }
    asked ??= whyNotServing(context).finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

/** A database that can only be read is not enough: each sign-in and each token writes to it. */
async function whyNotServing(context: HttpContext): Promise<string | undefined> {
  try {
    const fault = await within(READY_LIMIT_MS, findFault(context), () => {
      throw new Error(`no answer within ${READY_LIMIT_MS} ms`);
    });
    if (fault !== undefined)
      context.log.error({ error: fault }, 'not ready: nothing can be signed with a key that does not open');
    return fault;
  } catch (error) {
    context.log.error({ error: String(error) }, `not ready: ${NOT_WRITABLE}`);
    return `${NOT_WRITABLE}: ${(error as Error).message}`;
  }
}

const NOT_WRITABLE = 'the database does not answer, or keeps nothing';

/** The same checks as at the start: another node with another master key may have changed the keys since. */
async function findFault({ db, keys }: HttpContext): Promise<string | undefined> {
  await readInstallationState(db);
  await db.checkWritable();
  return keys.whyUnreadable();
}
