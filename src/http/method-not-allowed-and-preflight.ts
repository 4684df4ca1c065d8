/** 405 with Allow for every method that a URL does not serve (G15), and preflights where CORS applies. */
import { METHODS } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OAuthError } from '../oauth/errors.ts';
import { type CorsRule, sendPreflight } from './cors.ts';

/** Every method that Node parses, except CONNECT, which never reaches a handler. */
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT');

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
type HookWithDone = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

/** Makes Fastify route the methods that it does not know by itself, so that they are answered 405. */
export function routeEveryMethod(app: FastifyInstance): void {
  for (const method of ALL_METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
}

/** `methods` are those that are served; GET adds HEAD, and CORS adds OPTIONS, whose headers `allow` sets. */
export function refuseOtherMethods(
  scope: FastifyInstance,
  url: string,
  methods: readonly string[],
  cors?: { readonly rule: CorsRule; readonly allow: HookWithDone },
): void {
  const served = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])];
  if (cors && cors.rule !== 'none') {
    served.push('OPTIONS');
    scope.route({
      method: 'OPTIONS',
      url,
      onRequest: cors.allow,
      handler: async (_request, reply) => sendPreflight(reply, methods),
    });
  }
  const refuse: Hook = async (_request, reply) => {
    reply.header('allow', served.join(', '));
    throw wrongMethod(methods);
  };
  // Before the body is read: the method is wrong, whatever the body is.
  scope.route({
    method: ALL_METHODS.filter((method) => !served.includes(method)),
    url,
    onRequest: refuse,
    handler: refuse,
  });
}

/** A 405 that names the methods that are served. The caller sets the Allow header (RFC 9110 §15.5.6). */
export function wrongMethod(methods: readonly string[]): OAuthError {
  const description = `this endpoint takes ${methods.join(' and ')}`;
  return new OAuthError('invalid_request', 'wrong_method', description, { status: 405 });
}
