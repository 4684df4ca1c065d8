import type { FastifyReply } from 'fastify';
import type { BackChannelRequest } from '../../oauth/back-channel-request.ts';
import type { Answer } from '../../oauth/requests/answer.ts';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import type { HttpContext } from '../context.ts';
import type { CorsRule } from '../cors.ts';

/** One endpoint: calls oauth/requests, and translates its answer back. */
export interface Endpoint<Body = unknown> {
  /** Below the issuer's path, but for `rooted` ones. */
  readonly path: string;
  /** The member of the discovery document that names its address; one without is found otherwise. */
  readonly metadata?: AddressMember;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  readonly cors: CorsRule;
  /** A schema for a compiled serialiser. */
  readonly response?: object;
  /** The answer, which says who was proven to ask. */
  ask(context: HttpContext, request: BackChannelRequest): Promise<Answer<Body>>;
  send(reply: FastifyReply, body: Body, request: BackChannelRequest): FastifyReply;
}

/** Keeps the types of one endpoint together and forgets them for the table. */
export function defineEndpoint<Body>(endpoint: Endpoint<Body>): Endpoint {
  return endpoint as Endpoint;
}
