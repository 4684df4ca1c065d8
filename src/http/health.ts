/** Whether the process lives, and whether it can serve. */
import type { FastifyInstance } from 'fastify';
import { readHouseState } from '../storage/revision.ts';
import type { HttpContext } from './context.ts';
import { noStore } from './headers.ts';
import { refuseOtherMethods } from './methods.ts';

export interface Draining {
  draining: boolean;
}

export function registerHealth(app: FastifyInstance, context: HttpContext, state: Draining): void {
  const { basePath } = context.settings;
  app.get(`${basePath}/health/live`, async (_request, reply) => noStore(reply).send({ status: 'live' }));
  app.get(`${basePath}/health/ready`, async (_request, reply) => {
    const ready = !state.draining && (await canRead(context));
    return noStore(reply)
      .code(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready' });
  });
  for (const name of ['live', 'ready']) refuseOtherMethods(app, `${basePath}/health/${name}`, ['GET']);
}

async function canRead(context: HttpContext): Promise<boolean> {
  try {
    await readHouseState(context.db);
    return true;
  } catch (error) {
    context.log.error({ error: String(error) }, 'the database does not answer');
    return false;
  }
}
