import type { FastifyReply } from 'fastify';
import type { BackChannelRequest } from '../../oauth/back-channel-request.ts';
import type { Answer } from '../../oauth/requests/answer-to-proven-caller.ts';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import type { HttpContext } from '../context.ts';
import type { CorsRule } from '../cors.ts';

/** One endpoint: calls a function of oauth/requests, and sends its answer. */
export interface Endpoint<Body = unknown> {
  /** Below the issuer's path, except those of `insertedEndpoints`, which are below the host. */
  readonly path: string;
  /** The member of the discovery document that has its URL; without it, clients find the endpoint in another way. */
  readonly metadata?: AddressMember;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  readonly cors: CorsRule;
  /** A schema for a compiled serialiser. */
  readonly response?: object;
  /** The answer, with the caller that was authenticated. */
  ask(context: HttpContext, request: BackChannelRequest): Promise<Answer<Body>>;
  send(reply: FastifyReply, body: Body, request: BackChannelRequest): FastifyReply;
}

/** Checks the types of one endpoint against each other; the table holds all endpoints as one type. */
export function defineEndpoint<Body>(endpoint: Endpoint<Body>): Endpoint {
  return endpoint as Endpoint;
}
