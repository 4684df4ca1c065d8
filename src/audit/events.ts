/** The catalogue of audit events: their types, and the members of an event. */
import type { Reason } from '../lib/refusal-reason.ts';

/** Where a request came from. */
export interface RequestSource {
  /** The client's address, as reported by trusted proxies. */
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export const auditEventTypes = [
  'authorization.granted',
  'authorization.refused',
  'form.refused',
  'consent.given',
  'consent.denied',
  'consent.withdrawn',
  'token.issued',
  'token.refused',
  'token.revoked',
  'code.replayed',
  'refresh.reused',
  'introspection.refused',
  'userinfo.refused',
  'client.authentication_failed',
  'login.succeeded',
  'login.pending',
  'login.failed',
  'login.throttled',
  'session.stepped_up',
  'session.ended',
  'logout.refused',
  'logout.delivered',
  'logout.failed',
  'password.changed',
  'password.change_failed',
  'grant.revoked',
  'client.created',
  'client.registered',
  'client.updated',
  'registration.refused',
  'initial_access_token.created',
  'client.secret_rotated',
  'client.enabled',
  'client.disabled',
  'client.deleted',
  'user.created',
  'user.updated',
  'user.password_set',
  'user.enabled',
  'user.disabled',
  'user.deleted',
  'group.created',
  'group.deleted',
  'group.member_added',
  'group.member_removed',
  'role.added',
  'role.removed',
  'key.created',
  'key.rotated',
  'key.retired',
  'key.resumed',
  'key.revoked',
  'outbox.retried',
  'outbox.deleted',
  'database.migrated',
  'database.restored',
  'database.copied',
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

/** Types that may be written in a transaction. Refusals are not: anyone can cause them without one (refusals.ts). */
export type RecordedEventType = Exclude<AuditEventType, `${string}.refused`>;

export interface AuditEvent {
  readonly type: AuditEventType;
  /** The stable reason word of a refusal. */
  readonly reason?: Reason | undefined;
  readonly sub?: string | undefined;
  readonly client_id?: string | undefined;
  readonly grant_id?: string | undefined;
  readonly sid?: string | undefined;
  /** Who acted, where that is neither the user nor the client: `os:NAME`, a kind of token, or `server`. */
  readonly actor?: string | undefined;
  readonly source?: { readonly [Member in keyof RequestSource]?: string | undefined } | undefined;
  /** Further details; never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}
