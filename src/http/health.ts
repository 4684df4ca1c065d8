/** Liveness, readiness, and the checks for `gatehouse doctor`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { within } from '../lib/time-limit.ts';
import { readInstallationState } from '../storage/revision-and-restore-times.ts';
import { seesMark } from '../storage/same-database-mark.ts';
import { isDoctorProof } from './authenticate-doctor-by-master-key.ts';
import type { HttpContext } from './context.ts';
import { forwardingDetails } from './forwarding-warnings.ts';
import type { ServerState } from './graceful-stop.ts';
import { refuseOtherMethods } from './method-not-allowed.ts';
import { noStore } from './response-headers.ts';

/** Shorter than the usual timeout of a probe, longer than the database's own timeouts. */
const READY_LIMIT_MS = 3000;

/**
 * Adds `/health/live` and `/health/ready`, and for the doctor `/health/way` and `/health/mark/:mark`, which are 404 for
 * all other clients. Ready is 503 while the server stops, when the database does not accept writes, and when a private key
 * cannot be decrypted.
 */
export function registerHealth(app: FastifyInstance, context: HttpContext, serverState: ServerState): void {
  const { basePath } = context.settings;
  const whyNotReady = createReadiness(context, serverState);
  const isDoctor = ({ headers }: FastifyRequest) =>
    isDoctorProof(context.settings, headers.authorization, context.clock.nowMs());
  app.get(`${basePath}/health/live`, async (_request, reply) =>
    noStore(reply).send({ status: 'live', time: new Date(context.clock.nowMs()).toISOString() }),
  );
  app.get(`${basePath}/health/ready`, async (request, reply) => {
    const reason = await whyNotReady();
    if (reason === undefined) return noStore(reply).send({ status: 'ready' });
    // The reason names files, hosts and keys, so only doctor gets it.
    const details = isDoctor(request) ? { reason } : {};
    return noStore(reply)
      .code(503)
      .send({ status: 'not ready', ...details });
  });
  // Only for `gatehouse doctor`: through which proxies its request came, and to which issuer; at the root too, since the
  // settings that doctor reads may have another path than the running server.
  for (const path of new Set([`${basePath}/health/way`, '/health/way'])) {
    app.get(path, async (request, reply) => {
      if (!isDoctor(request)) return reply.callNotFound();
      const { issuer } = context.settings;
      return noStore(reply).send({ issuer, ...forwardingDetails(context, request.raw) });
    });
  }
  // Whether the row that doctor just wrote is in the database of this server.
  app.get<{ Params: { mark: string } }>(`${basePath}/health/mark/:mark`, async (request, reply) => {
    if (!isDoctor(request)) return reply.callNotFound();
    return noStore(reply).send({ seen: await seesMark(context.db, request.params.mark) });
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
