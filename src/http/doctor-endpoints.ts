/** What `gatehouse doctor` asks a running server. */
import type { FastifyInstance } from 'fastify';
import { seesMark } from '../storage/same-database-mark.ts';
import { isFromDoctor } from './authenticate-doctor-by-master-key.ts';
import type { HttpContext } from './context.ts';
import { forwardingDetails } from './forwarding-header-details.ts';
import { noStore } from './response-headers.ts';

/** Adds `/health/way` and `/health/mark/:mark`, which are 404 for everybody else. */
export function registerDoctorEndpoints(app: FastifyInstance, context: HttpContext): void {
  const { basePath, issuer } = context.settings;
  // Through which proxies the request came, and to which issuer; at the root too, since the settings that doctor reads may
  // have another path than the running server.
  for (const path of new Set([`${basePath}/health/way`, '/health/way'])) {
    app.get(path, async (request, reply) => {
      if (!isFromDoctor(context, request)) return reply.callNotFound();
      return noStore(reply).send({ issuer, ...forwardingDetails(context, request.raw) });
    });
  }
  // Whether the row that doctor just wrote is in the database of this server.
  app.get<{ Params: { mark: string } }>(`${basePath}/health/mark/:mark`, async (request, reply) => {
    if (!isFromDoctor(context, request)) return reply.callNotFound();
    return noStore(reply).send({ seen: await seesMark(context.db, request.params.mark) });
  });
}
