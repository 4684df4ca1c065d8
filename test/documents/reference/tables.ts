/** What each table is for. One that comes later says so itself, in the comment above its CREATE TABLE. */
import { readMigrations } from '../../../src/storage/migrate.ts';

const ABOUT: Readonly<Record<string, string>> = {
  audit_log: 'The audit log: the events of one commit share a row, packed.',
  client_algorithms:
    'Which algorithms a client has its tokens and answers signed by, so that their keys are there.',
  client_origins: 'The origins of registered redirect URIs, from which a browser may read answers.',
  client_secrets: 'The hashes of a client’s secrets; several may be good at once.',
  clients: 'The apps and APIs, with their metadata as JSON.',
  consents: 'What a person allowed an app, remembered.',
  grants:
    'Each authorization: for whom, for which app, what was allowed, and the state of its one chain of refresh tokens.',
  group_members: 'Who is in which group.',
  interactions:
    'An authorization request that waits for a person: what was asked, in which browser, and what was done so far.',
  keys: 'The signing keys, with their private parts sealed, and when each begins and ends.',
  migrations: 'Which migrations were applied, each with its checksum.',
  one_time: 'What is good once, by kind and hash: codes, initial access tokens.',
  outbox: 'Whom an app is still to be told of: sign-outs, until they are delivered or given up.',
  passwords: 'A person’s password, as a PHC string of argon2id.',
  resources: 'The resource indicators (RFC 8707) that an API answers for.',
  revisions:
    'One row of the whole database: a number that every change of clients or keys raises, and what restores left.',
  revoked_tokens: 'Single access tokens that were revoked before their time.',
  session_clients: 'Which apps took part in a session and are to be told of its end.',
  sessions: 'Where somebody is signed in: the hash of the cookie, since when, how, and until when.',
  throttles: 'Counts of guesses and attempts, by account, address or client.',
  user_groups: 'The groups that there are.',
  user_roles: 'The roles that a person has.',
  users: 'The people: their name, e-mail address and claims.',
};

/** Throws where nothing says what the table is for. */
export function sentenceOf(table: string): string {
  const sentence = ABOUT[table] ?? commentAbove(table);
  if (sentence) return sentence;
  throw new Error(`${table}: say above its CREATE TABLE what it is for, as a comment: -- What it holds.`);
}

/** The lines of comment that end where the table begins. */
function commentAbove(table: string): string | undefined {
  const migrations = readMigrations(new URL('../../../migrations/', import.meta.url));
  const lines = migrations.flatMap(({ sql }) => sql.split('\n'));
  const begin = lines.findIndex((line) => line.startsWith(`CREATE TABLE ${table} (`));
  const comment: string[] = [];
  for (let at = begin - 1; lines[at]?.startsWith('-- '); at -= 1) comment.unshift(lines[at]?.slice(3) ?? '');
  return comment.length === 0 ? undefined : comment.join(' ');
}
