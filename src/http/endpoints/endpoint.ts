import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import type { HttpContext } from '../context.ts';
import type { CorsRule } from '../cors.ts';

/** One endpoint: translates a request, calls oauth/requests, translates back. */
export interface Endpoint {
  /** Below the issuer's path, but for `rooted` ones. */
  readonly path: string;
  /** The member of the discovery document that names its address; one without is found otherwise. */
  readonly metadata?: AddressMember;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  readonly cors: CorsRule;
  /** A schema for a compiled serialiser. */
  readonly response?: object;
  handle(context: HttpContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}
