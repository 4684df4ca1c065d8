import type { FastifyReply } from 'fastify';
import type { Settings } from '../../config/settings-schema.ts';
import { type BackChannelRequest, headerOf } from '../../oauth/back-channel-request.ts';
import type { Document } from '../../oauth/public-document.ts';
import { jwks } from '../../oauth/requests/jwks.ts';
import { type Addressed, metadata } from '../../oauth/requests/metadata.ts';
import { allowCaching } from '../response-headers.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';

function sendDocument(reply: FastifyReply, document: Document, request: BackChannelRequest): FastifyReply {
  allowCaching(reply, document.maxAgeSeconds).header('etag', document.etag);
  if (isKnown(headerOf(request, 'if-none-match'), document.etag)) return reply.code(304).send();
  return reply.type('application/json').send(document.body);
}

/** RFC 9110 §13.1.2: a list, compared weakly, since a proxy that compresses weakens the tag. */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}

/** The public keys that tokens are verified with. RFC 7517 §5 */
export const jwksEndpoint = defineEndpoint({
  path: '/jwks',
  metadata: 'jwks_uri',
  methods: ['GET'],
  cors: 'public',
  ask: jwks,
  send: sendDocument,
});

/** The discovery document, at each address that a client may derive. RFC 8414 §3, OpenID Connect Discovery §4 */
export function discoveryEndpoint(
  path: string,
  served: (settings: Settings) => readonly Addressed[],
): Endpoint {
  return defineEndpoint({
    path,
    methods: ['GET'],
    cors: 'public',
    // `served` is called when the document is rendered, because this row is in the table that it reads.
    ask: (context) => metadata(context, served),
    send: sendDocument,
  });
}
