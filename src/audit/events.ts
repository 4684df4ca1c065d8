/** The catalogue of audit events: their types, and the members of an event. */
import type { Reason } from '../lib/refusal-reason.ts';
import type { RequestSource } from './request-source.ts';

/** Sentences of several types: they share a row of the page. */
const AUTHORIZATION = 'a code was given out, or not; a refusal shown on our own page too';
const CONSENT = 'what a person allowed an app';
const TOKEN =
  'at `/token`, `/revoke` and `/introspect`: whatever was wrong with a request that could be read as one, with the app where it is known; a token that is over already is revoked all the same';
const CAME_BACK = 'what was spent came back; its grant was revoked';
const LOGIN =
  'sign-ins; `factor` of `login.succeeded` names the second one, where there was one; `login.throttled` was not even looked at';
const TOLD = 'whether an app was told';
const BY_THE_PERSON = 'by the person';
const CLIENT =
  'apps; `client.registered` did so itself; `details` has the members that an update changed, and the redirect URIs where they are among them';
const USER = 'people, by the operator; `details.changed` names what an update changed';
const GROUP =
  'groups, and who came into one or left it, by whichever command; a group that is deleted has nobody';
const ROLE = 'the roles of people';
const KEY = 'signing keys';
const OUTBOX = 'by the operator: what an app or a person was still to be told';
const MAIL = 'whether a mail server took a notice to a person; `details.notice` names it';
const DATABASE =
  'the first event of a database that came of a backup or of another database; `details` has which';
const UNUSED_KEY =
  'a signing key of an algorithm that nothing uses any more; something uses it again while it is published';

/**
 * Each type, and what happened. docs/reference/audit.md has the sentences (`npm run docs:write`); a new type is a line here.
 */
export const auditEvents = {
  'authorization.granted': AUTHORIZATION,
  'authorization.refused': AUTHORIZATION,
  'form.refused': 'a form that this server did not show to this browser',
  'consent.given': CONSENT,
  'consent.denied': CONSENT,
  'consent.withdrawn': CONSENT,
  'token.issued': TOKEN,
  'token.refused': TOKEN,
  'token.revoked': TOKEN,
  'code.replayed': CAME_BACK,
  'refresh.reused': CAME_BACK,
  'introspection.refused': 'a token that is not active, or not for whoever asked',
  'userinfo.refused': 'no token, one that is not active, or one that is not for this',
  'client.authentication_failed': 'an app did not prove who it is',
  'login.succeeded': LOGIN,
  'login.pending':
    'a first factor was proven, and a second is asked for; `lacks` names those that would do. Nobody is signed in by it',
  'login.failed': LOGIN,
  'login.throttled': LOGIN,
  'session.stepped_up': 'a second factor was added to a session; `factor` names it',
  'session.ended': 'a person signed out, or was signed out',
  'logout.refused':
    'a browser was not sent where an app wanted it after signing out: `details` has what it asked for and what it registered',
  'logout.delivered': TOLD,
  'logout.failed': TOLD,
  'mail.delivered': MAIL,
  'mail.failed': MAIL,
  'mail.dropped':
    'a notice was not mailed, because as many of its kind went to that address within the hour as may; `details.notice` names it',
  'password.changed': BY_THE_PERSON,
  'password.change_failed': BY_THE_PERSON,
  'totp.enrolled': 'an authenticator app was set up by a first right code',
  'totp.replaced': 'another authenticator app took the place of the former one',
  'totp.removed': 'a person removed their authenticator app',
  'recovery_codes.made':
    'a person got new recovery codes, with the first second factor or on request; former ones ended',
  'grant.revoked': 'an app’s access was taken away',
  'client.created': CLIENT,
  'client.registered': CLIENT,
  'client.updated': CLIENT,
  'registration.refused': 'an app that may not register itself, or not change its registration',
  'initial_access_token.created': 'a token that lets one app register itself',
  'client.secret_rotated': CLIENT,
  'client.enabled': CLIENT,
  'client.disabled': CLIENT,
  'client.deleted': CLIENT,
  'user.created': USER,
  'user.updated': USER,
  'user.password_set': USER,
  'user.second_factors_removed':
    'by the operator; `details.removed` names them. Every session and grant of the person ended',
  'user.enabled': USER,
  'user.disabled': USER,
  'user.deleted': USER,
  'group.created': GROUP,
  'group.deleted': GROUP,
  'group.member_added': GROUP,
  'group.member_removed': GROUP,
  'role.added': ROLE,
  'role.removed': ROLE,
  'key.created': KEY,
  'key.rotated': KEY,
  'key.retired': UNUSED_KEY,
  'key.resumed': UNUSED_KEY,
  'key.revoked': KEY,
  'outbox.retried': OUTBOX,
  'outbox.deleted': OUTBOX,
  'database.migrated':
    'migrations were applied to a database with something in it, by the server or `database migrate`',
  'database.restored': DATABASE,
  'database.copied': DATABASE,
} as const satisfies Readonly<Record<string, string>>;
export type AuditEventType = keyof typeof auditEvents;
export const auditEventTypes = Object.keys(auditEvents) as readonly AuditEventType[];

/** Types that may be written in a transaction. Refusals are not: anyone can cause them without one (count-refusals.ts). */
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
