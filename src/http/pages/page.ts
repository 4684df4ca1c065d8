import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import type { Submission } from './accept-own-form-or-any-post.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** Who may open a page: everybody, a user in a sign-in or an authorization, or a user who is signed in. */
export type OpenTo = 'everybody' | 'interaction' | 'session';

declare const isPage: unique symbol;

/** A row of the table. Made by `who-may-open-page.ts` and `signedInPage`, each of which says who may open it. */
export interface Page<Notice extends string = string> extends PageRow<Notice> {
  readonly [isPage]: true;
  readonly openTo: OpenTo;
}

/** What a page is: GET shows it, POST acts; `submit` says which POST requests are accepted. */
export interface PageRow<Notice extends string = string> {
  readonly path: string;
  /** The member of the discovery document that has its URL, where apps send users to it. */
  readonly metadata?: AddressMember;
  /** The query parameters that it reads by `ownQuery`; only these are kept when the language changes. */
  readonly query?: readonly string[];
  /** The messages that it shows once, after an action; its view has a text for each. */
  readonly notices?: readonly Notice[];
  /** The key of the text by which the account's first page links to it; links are in the order of the table. */
  readonly linkedAs?: string;
  /** Whether `path` is below the host, not below the issuer's path. */
  readonly isAtRoot?: boolean;
  show(tools: PageTools, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  readonly submit?: Submission;
}
