/** Turns any error into one value, which decides the status; the two error renderers only read it. */
import type { FastifyError } from 'fastify';
import { QueueFullError } from '../lib/bounded-priority-work-queue.ts';
import type { Logger } from '../lib/log.ts';
import type { FastifyCode, Reason } from '../lib/refusal-reason.ts';
import { OAuthError } from '../oauth/errors.ts';
import { StorageUnavailableError } from '../storage/storage-errors.ts';
import { FORM_TYPE } from './form-body.ts';

/**
 * Turns whatever was thrown into an OAuthError. `bodyType` is the type of body that the endpoint accepts. An unexpected error is
 * logged, and its answer says nothing about it (G16).
 */
export function toOAuthError(
  error: unknown,
  log: Logger,
  requestId: string,
  bodyType = FORM_TYPE,
): OAuthError {
  if (error instanceof OAuthError) {
    log.info({ requestId, error: error.error, reason: error.reason, ...error.about }, 'refused');
    return error;
  }
  if (error instanceof StorageUnavailableError || error instanceof QueueFullError) {
    log.warn({ requestId, error: error.message }, 'answered 503');
    const { retryAfterSeconds } = error;
    return new OAuthError('temporarily_unavailable', 'busy', 'the server is busy; try again', {
      retryAfterSeconds,
    });
  }
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500)
    return toOAuthError(fromFastify(error as FastifyError, status, bodyType), log, requestId);
  log.error({ requestId, error: error instanceof Error ? error.stack : String(error) }, 'unexpected failure');
  return new OAuthError('server_error', 'unexpected', `unexpected failure; request id ${requestId}`);
}

function fromFastify(error: FastifyError, status: number, bodyType: string): OAuthError {
  if (status === 415) {
    const wanted = `the body must be ${bodyType}`;
    return new OAuthError('invalid_request', 'wrong_content_type', wanted, { status });
  }
  return new OAuthError('invalid_request', reasonOf(error), 'the request is malformed', { status });
}

function reasonOf({ code }: FastifyError): Reason {
  return isFastifyCode(code) ? code : 'malformed_request';
}

const isFastifyCode = (code: string | undefined): code is FastifyCode =>
  code?.startsWith('FST_ERR_') ?? false;
