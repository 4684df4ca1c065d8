/** The socket's side of the door: time limits, the cap, TLS, and answers to what is not HTTP. */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { ConfigurationError, readPem } from '../config/load.ts';
import { newLabel } from '../lib/ids.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { HttpContext } from './context.ts';
import { jsonErrorText } from './errors-json.ts';
import { commonHeaders, dataPolicy } from './headers.ts';
import { wrongMethod } from './methods.ts';

/** A slow sender holds a socket for seconds, not for ever (MEASURED: the defaults are 0 and minutes). */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2000,
};
const HANDSHAKE_MS = 5000;
/** A socket on which nothing moves, whoever has to act; Node notices a reader who stopped at its second look. */
const IDLE_SOCKET_MS = 7000;
const MOST_PIPELINED = 32;
const SERVED_METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

export function createServer(context: HttpContext, handler: RequestListener): Server {
  const { tls_cert, tls_key, max_connections } = context.settings;
  const limited = limitPipelines(handler);
  const server =
    tls_cert === undefined || tls_key === undefined
      ? createHttpServer(LIMITS, limited)
      : createHttpsServer({ ...LIMITS, ...tlsOptions(tls_cert, tls_key) }, limited);
  server.maxConnections = max_connections;
  server.setTimeout(IDLE_SOCKET_MS);
  server.on('connect', (_request, socket: Duplex) => sendRaw(context, socket, wrongMethod(['GET', 'POST'])));
  return server;
}

/**
 * Whoever sends requests without reading the answers makes us keep all of them: one socket could hold megabytes.
 * Browsers and proxies send one at a time.
 */
function limitPipelines(handler: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  function release(this: ServerResponse): void {
    const { socket } = this.req;
    underWay.set(socket, (underWay.get(socket) ?? 1) - 1);
  }
  return (request, response) => {
    const { socket } = request;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > MOST_PIPELINED) return void socket.destroy();
    underWay.set(socket, count);
    response.on('close', release);
    handler(request, response);
  };
}

/** FAPI 2.0 §5.2, BCP 195: TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3. */
function tlsOptions(certFile: string, keyFile: string) {
  const pair = { cert: readPem('tls_cert', certFile), key: readPem('tls_key', keyFile) };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new ConfigurationError(
      `tls_cert (${certFile}) and tls_key (${keyFile}) are not a certificate and its key (${(error as Error).message}); ` +
        'both are PEM files, the certificate with its chain after it',
    );
  }
  return {
    ...pair,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_MS,
    honorCipherOrder: true,
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
    ].join(':'),
  } as const;
}

/** Answers bytes that Node's parser refused, or that came too slowly, as every other error is answered. */
export function answerBrokenRequest(context: HttpContext, error: { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else sendRaw(context, socket, brokenRequest(error.code));
}

function brokenRequest(code: string | undefined): OAuthError {
  if (code === 'HPE_INVALID_METHOD') return wrongMethod(['GET', 'POST']);
  const [status, reason, description] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ([408, 'request_timeout', 'the request took too long'] as const)
      : code === 'HPE_HEADER_OVERFLOW'
        ? ([431, 'headers_too_large', 'the headers are too large'] as const)
        : ([400, 'malformed_request', 'the request is malformed'] as const);
  return new OAuthError('invalid_request', reason, description, { status });
}

function sendRaw(context: HttpContext, socket: Duplex, error: OAuthError): void {
  const requestId = newLabel(context.clock, context.random);
  const { status, reason } = error;
  const headers = {
    ...commonHeaders(context.settings.issuer.startsWith('https:')),
    'content-security-policy': dataPolicy,
    'x-request-id': requestId,
    ...(status === 405 && { allow: SERVED_METHODS.join(', ') }),
  };
  context.log.info({ requestId, method: 'unknown', route: 'unknown', status, reason }, 'request');
  context.metrics.observe({ route: 'unknown', method: 'unknown', status, durationMs: 0 });
  socket.on('error', () => socket.destroy());
  socket.end(jsonErrorText(error, headers), () => socket.destroy());
}
