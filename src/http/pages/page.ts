import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import type { Submission } from './accepted-posts.ts';
import type { PageTools } from './tools.ts';

/** One page: GET shows it, POST acts; `submit` says which POST requests are accepted. */
export interface Page {
  readonly path: string;
  /** The member of the discovery document that has its URL, where apps send users to it. */
  readonly metadata?: AddressMember;
  /** The query parameters that it reads (`ownQuery` of query.ts); only these are kept when the language changes. */
  readonly query?: readonly string[];
  /** Only for a user who is signed in: below `/account`, the sign-in leads back to it. Set by `signedInPage`. */
  readonly needsSession?: boolean;
  /** Whether `path` is below the host, not below the issuer's path. */
  readonly isAtRoot?: boolean;
  show(tools: PageTools, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  readonly submit?: Submission;
}
