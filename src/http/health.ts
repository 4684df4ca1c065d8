/** Whether the process lives, and whether it can serve. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { within } from '../lib/time-limit.ts';
import { seesMark } from '../storage/doctor-mark.ts';
import { readInstallationState } from '../storage/revision.ts';
import type { HttpContext } from './context.ts';
import { isDoctorProof } from './doctor-proof.ts';
import type { ServerState } from './drain.ts';
import { wayOf } from './forwarding.ts';
import { noStore } from './headers.ts';
import { refuseOtherMethods } from './methods.ts';

/** Below what those who ask wait for, and longer than the database's own limits. */
const READY_LIMIT_MS = 3000;

/**
 * Adds `/health/live` and `/health/ready`, and for the doctor `/health/way` and `/health/mark/:mark`, which are 404 for
 * everybody else. Ready is 503 while the server stops, when the database does not take writes, and when a private key
 * does not open.
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
    // It names files, hosts and keys: nothing for strangers.
    const told = isDoctor(request) ? { reason } : {};
    return noStore(reply)
      .code(503)
      .send({ status: 'not ready', ...told });
  });
  // For gatehouse doctor alone: on which way its request came, and to whom; also where settings have another path by now.
  for (const path of new Set([`${basePath}/health/way`, '/health/way'])) {
    app.get(path, async (request, reply) => {
      if (!isDoctor(request)) return reply.callNotFound();
      const { issuer } = context.settings;
      return noStore(reply).send({ issuer, ...wayOf(context, request.raw) });
    });
  }
  // Whether what it just wrote is in the database that is served.
  app.get<{ Params: { mark: string } }>(`${basePath}/health/mark/:mark`, async (request, reply) => {
    if (!isDoctor(request)) return reply.callNotFound();
    return noStore(reply).send({ seen: await seesMark(context.db, request.params.mark) });
  });
  for (const name of ['live', 'ready']) refuseOtherMethods(app, `${basePath}/health/${name}`, ['GET']);
}

/**
 * However many ask at once, the database is asked one thing; and whatever it does, they are answered in time: with
 * nothing, or with the reason, which the log has too.
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

/** Reading alone would do for nobody: each sign-in and each token is written. */
async function whyNotServing(context: HttpContext): Promise<string | undefined> {
  try {
    const fault = await within(READY_LIMIT_MS, findFault(context), () => {
      throw new Error(`no answer within ${READY_LIMIT_MS} ms`);
    });
    if (fault !== undefined)
      context.log.error({ error: fault }, 'not ready: nothing can be signed with a key that does not open');
    return fault;
  } catch (error) {
    context.log.error({ error: String(error) }, `not ready: ${KEEPS_NOTHING}`);
    return `${KEEPS_NOTHING}: ${(error as Error).message}`;
  }
}

const KEEPS_NOTHING = 'the database does not answer, or keeps nothing';

/** What a start asks too: another node may have another master key, and have changed the keys since. */
async function findFault({ db, keys }: HttpContext): Promise<string | undefined> {
  await readInstallationState(db);
  await db.checkWritable();
  return keys.whyUnreadable();
}
