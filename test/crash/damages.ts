/** What a server that forgets would leave behind, done to the file by hand; and what the ledger must say of it. */

export interface Damage {
  readonly name: string;
  /** Run on what the last life left; `earlier` is the same database from before it. */
  readonly sql: string;
  /** All that may be said of it, once or more often. */
  readonly noticed: readonly string[];
}

const ACCESS_LOST = 'an acknowledged access token is not known';
const REFRESH_LOST = 'an acknowledged refresh token is refused';
const ACCESS_BACK = 'a revoked access token is active again';
const CONSENT_LOST = 'an acknowledged consent is forgotten';
const CONSENT_BACK = 'a withdrawn consent is there again';
const SESSION_LOST = 'an acknowledged session is forgotten';
const SESSION_BACK = 'an ended session is alive again';
const LOCK_LOST = 'a locked account is open again';
const REFRESH_TWICE = 'a spent refresh token works again';

export const damages: readonly Damage[] = [
  { name: 'codes lost', sql: 'DELETE FROM one_time', noticed: ['an acknowledged code is lost'] },
  { name: 'nothing', sql: '', noticed: [] },
  {
    name: 'a code that comes back whenever it is spent',
    sql: `CREATE TRIGGER undo AFTER DELETE ON one_time BEGIN
      INSERT INTO one_time VALUES (OLD.kind, OLD.value_key, OLD.grant_id, OLD.payload, OLD.expires_at); END`,
    noticed: ['a code was good twice', 'a spent code was good again'],
  },
  {
    name: 'a spent code is back',
    sql: 'INSERT OR IGNORE INTO one_time SELECT * FROM earlier.one_time',
    noticed: ['a spent code was good again'],
  },
  {
    name: 'the newest grant lost',
    sql: 'DELETE FROM grants WHERE created_at = (SELECT max(created_at) FROM grants WHERE refreshed_at > 0)',
    noticed: [ACCESS_LOST, REFRESH_LOST],
  },
  { name: 'signing keys lost', sql: 'DELETE FROM keys', noticed: [ACCESS_LOST] },
  { name: 'revoked tokens forgotten', sql: 'DELETE FROM revoked_tokens', noticed: [ACCESS_BACK] },
  {
    name: 'revoked grants live',
    sql: 'UPDATE grants SET revoked_at = NULL',
    noticed: [ACCESS_BACK, 'a revoked refresh token works again'],
  },
  {
    name: 'rotations undone',
    sql: 'UPDATE grants SET refresh_generation = 0 WHERE refresh_generation = 2',
    noticed: [REFRESH_LOST, REFRESH_TWICE],
  },
  { name: 'consents lost', sql: 'DELETE FROM consents', noticed: [CONSENT_LOST] },
  {
    name: 'a withdrawn consent is back',
    sql: 'INSERT OR IGNORE INTO consents SELECT * FROM earlier.consents',
    noticed: [CONSENT_BACK],
  },
  {
    name: 'sessions lost',
    sql: `DELETE FROM sessions WHERE sub = (SELECT sub FROM users WHERE username = 'bob')`,
    noticed: [SESSION_LOST],
  },
  { name: 'ended sessions live', sql: 'UPDATE sessions SET ended_at = NULL', noticed: [SESSION_BACK] },
  { name: 'locks lost', sql: 'DELETE FROM throttles', noticed: [LOCK_LOST] },
];

/** The whole file is the one from before the last life, as where a disk lost what it said it had. */
export const wholeLifeLost: readonly string[] = [
  ACCESS_LOST,
  REFRESH_LOST,
  REFRESH_TWICE,
  ACCESS_BACK,
  CONSENT_LOST,
  CONSENT_BACK,
  SESSION_LOST,
  SESSION_BACK,
  LOCK_LOST,
];
