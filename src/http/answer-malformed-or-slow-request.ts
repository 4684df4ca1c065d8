/** Answers requests that are not HTTP or that arrived too slowly. No answer waits for the peer to read it. */
import type { Duplex } from 'node:stream';
import type { Reason } from '../lib/refusal-reason.ts';
import { newLabel } from '../lib/time-ordered-ids-and-secrets.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { HttpContext } from './context.ts';
import { jsonErrorText } from './errors-json.ts';
import { wrongMethod } from './method-not-allowed-and-preflight.ts';
import { commonHeaders } from './response-headers.ts';

const SERVED_METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/**
 * Answers only what Node's HTTP parser refused. After any other error no answer can be sent: the peer closed the connection,
 * or its TLS handshake never completed.
 */
export function answerBrokenRequest(
  context: HttpContext,
  error: { readonly code?: string | undefined; readonly message?: string },
  socket: Duplex,
  withinMs: number,
): void {
  const answer = findAnswer(error.code ?? '');
  if (answer && socket.writable) sendFinalError(context, socket, answer, withinMs);
  else socket.destroy();
}

function findAnswer(code: string): OAuthError | undefined {
  if (code === 'HPE_INVALID_METHOD') return wrongMethod(['GET', 'POST']);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return malformed('request_timeout', 'the request took too long', 408);
  if (code === 'HPE_HEADER_OVERFLOW') return malformed('headers_too_large', 'the headers are too large', 431);
  return code.startsWith('HPE_')
    ? malformed('malformed_request', 'the request is malformed', 400)
    : undefined;
}

function malformed(reason: Reason, description: string, status: number): OAuthError {
  return new OAuthError('invalid_request', reason, description, { status });
}

/** Sends an error and closes the socket, after `withinMs` at the latest. */
export function sendFinalError(
  context: HttpContext,
  socket: Duplex,
  error: OAuthError,
  withinMs: number,
): void {
  const requestId = newLabel(context.clock, context.random);
  const { status, reason } = error;
  const headers = {
    ...commonHeaders(context.settings),
    'x-request-id': requestId,
    ...(status === 405 && { allow: SERVED_METHODS.join(', ') }),
  };
  context.log.info({ requestId, method: 'unknown', route: 'unknown', status, reason }, 'request');
  context.metrics.observe({ route: 'unknown', method: 'unknown', status, durationMs: 0 });
  const overdue = setTimeout(() => socket.destroy(), withinMs);
  socket.once('close', () => clearTimeout(overdue)).on('error', () => socket.destroy());
  socket.end(jsonErrorText(error, headers), () => socket.destroy());
}
