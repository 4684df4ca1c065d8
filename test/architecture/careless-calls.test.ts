/** An answer that may refuse is never dropped, and a promise is never taken for yes. */
import { expect, it } from 'vitest';
import { findCarelessCalls } from './careless-calls.ts';
import { files } from './source-files.ts';

const inSource = findCarelessCalls(files);

/** True and false that are dropped: the file and the function, with the reason. */
const MAY_BE_DROPPED: Readonly<Record<string, string>> = {
  'admin-commands/grant.ts deleteConsent': 'the grants end, whether or not a consent was remembered',
  'identity/groups-and-roles.ts deleteGroup': 'the group was read in the same transaction',
  'identity/groups-and-roles.ts insertMember': 'all memberships were deleted before in the same transaction',
  'identity/second-factors/change-recovery-codes.ts deleteRecoveryCodesOf':
    'new ones are made whether there were any or not',
  'notify/delivery-attempt.ts deleteOutbox': 'it was delivered, also where an operator gave it up meanwhile',
  'oauth/clients/create-and-update-clients.ts updateClientRow': 'the client was read in the same transaction',
  'oauth/grants/refresh-token.ts revokeGrant': 'the token is refused, also where the grant ended before',
  'oauth/keys/erase-former-keys.ts deleteKey': 'the key was read in the same transaction',
  'oauth/page-models/login.ts noteDone': 'an interaction that is finished needs no step; its page says so',
  'oauth/page-models/remember-or-take-back-consent.ts changeDone':
    'what finishes the interaction asks whether it is finished',
  'oauth/page-models/remember-or-take-back-consent.ts deleteConsent':
    'the consent was read in the same transaction',
  'oauth/requests/revocation.ts revokeGrant':
    'RFC 7009 §2.2: a token that had ended is answered in the same way',
};

it('no answer is dropped in which a refusal may be, that there was nothing to spend, or that it is not good', () => {
  const dropped = inSource.dropped.map((one) => one.replace(/:\d+ /, ' '));
  expect([...new Set(dropped)].toSorted()).toEqual(Object.keys(MAY_BE_DROPPED).toSorted());
});

it('no promise is a condition', () => {
  expect(inSource.notAwaited).toEqual([]);
});

it('wherever src/ returns a refusal, a forgotten return is found', () => {
  const written = /\breturn (?=refuse\()/g;
  const forgetful = files.map((file) => ({ ...file, text: file.text.replace(written, '') }));
  const expected = files.flatMap(({ text }) => [...text.matchAll(written)]).length;
  const { dropped } = findCarelessCalls(forgetful);
  expect(expected).toBeGreaterThan(50);
  expect(dropped.filter((one) => one.endsWith(' refuse'))).toHaveLength(expected);
});

const CALLED = `
export function refuse(error: string): Refusal { return { refused: true, error }; }
export function checkName(name: string): Checked<Fault> { return PASSED; }
export async function find(id: string): Promise<Found | GrantRefusal> { return { id }; }
export type Outcome = Found | UserRefusal;
export async function isKnown(id: string): Promise<boolean> { return true; }
export const isListed = (id: string): Promise<boolean> => isKnown(id);
export function count(id: string): number { return 1; }
export async function verifyToy(id: string): Promise<Verified | 'wrong'> { return 'wrong'; }
`;
const STORED = `
export async function consumeToy(tx: Tx): Promise<boolean> { return true; }
export async function keepToy(tx: Tx): Promise<boolean> { return true; }
`;
const TABLE = `
export async function startToy(tx: Tx): Promise<boolean> { return true; }
export async function listToys(tx: Tx): Promise<readonly Toy[]> { return []; }
export async function insertToy(tx: Tx): Promise<boolean> { return true; }
export async function updateToy(tx: Tx): Promise<ToyRow | undefined> { return undefined; }
export async function deleteToy(tx: Tx): Promise<boolean> { return true; }
export async function insertBox(tx: Tx): Promise<void> {}
`;
const IMPORTS = `import { startToy, listToys, insertToy, updateToy, deleteToy, insertBox } from '../storage/tables/toys.ts';
import { consumeToy, keepToy } from '../storage/toys.ts';
import { refuse, checkName, find, type Outcome, isKnown as knows, isListed, count, verifyToy } from '../lib/called.ts';
const notValid = (reason: string) => refuse(reason);
function change(id: string): Outcome { return { id }; }
const asks = (id: string) => knows(id);
export async function run(id: string, flag: boolean) {`;

/** The names of what is found in the statements of a function. */
function foundIn(statements: string): readonly string[] {
  const { dropped, notAwaited } = findCarelessCalls([
    { path: 'lib/called.ts', text: CALLED },
    { path: 'storage/toys.ts', text: STORED },
    { path: 'storage/tables/toys.ts', text: TABLE },
    { path: 'oauth/toy.ts', text: `${IMPORTS}\n${statements}\n}` },
  ]);
  return [...dropped, ...notAwaited];
}

it.each([
  ["if (flag) refuse('a');", 'refuse'],
  ["if (flag) { refuse('a'); }", 'refuse'],
  ["if (flag) notValid('a');", 'notValid'],
  ['checkName(id);', 'checkName'],
  ['void checkName(id);', 'checkName'],
  ['flag && checkName(id);', 'checkName'],
  ['await find(id);', 'find'],
  ['change(id);', 'change'],
  ['await consumeToy(id);', 'consumeToy'],
  ['await startToy(id);', 'startToy'],
  ['await insertToy(tx);', 'insertToy'],
  ['await updateToy(tx);', 'updateToy'],
  ['if (flag) await deleteToy(tx);', 'deleteToy'],
  ['await verifyToy(id);', 'verifyToy'],
  ['await method.verify(id);', 'verify'],
  ['method?.verify(id);', 'verify'],
])('a dropped answer is found: %s', (statements, name) => {
  expect(foundIn(statements)).toEqual([`oauth/toy.ts:8 ${name}`]);
});

it.each([
  ['if (knows(id)) return 1;', 'knows'],
  ['if (!knows(id)) return 1;', 'knows'],
  ['if (flag || !isListed(id)) return 1;', 'isListed'],
  ['if (flag && knows(id)) return 1;', 'knows'],
  ['if (!(flag && asks(id))) return 1;', 'asks'],
  ['return knows(id) && flag;', 'knows'],
  ['return asks(id) ? 1 : 2;', 'asks'],
  ['while (!knows(id)) count(id);', 'knows'],
])('a promise as a condition is found: %s', (statements, name) => {
  expect(foundIn(statements)).toEqual([`oauth/toy.ts:8 ${name}`]);
});

const PAGE = `import { forget, count } from '../../oauth/toy.ts';
import { seeOther, showList } from './answers.ts';
export const page = signedInPage('/toy', {
  async submit({ tools, reply, leave, call, fields }) {`;

/** The names of what is found in the statements of a page. */
function foundInPage(statements: string): readonly string[] {
  const { dropped } = findCarelessCalls([
    {
      path: 'oauth/toy.ts',
      text: `export async function forget(sid: string): Promise<boolean> { return true; }
export async function find(sid: string): Promise<Found | undefined> { return undefined; }
export async function count(sid: string): Promise<void> {}`,
    },
    {
      path: 'http/pages/answers.ts',
      text: `export interface Call { leave(): Promise<FastifyReply>; readonly sid: string; }
export function seeOther(reply: FastifyReply): FastifyReply { return reply; }
export const showList = (reply: FastifyReply): FastifyReply => reply;`,
    },
    { path: 'http/pages/toy.ts', text: `${PAGE}\n${statements}\n} });` },
  ]);
  return dropped;
}

it.each([
  ['if (!(await forget(fields.sid))) await leave();', 'leave'],
  ['if (!(await forget(fields.sid))) { void leave(); }', 'leave'],
  ['await call.leave();', 'leave'],
  ['seeOther(reply);', 'seeOther'],
  ['showList(reply);', 'showList'],
  ['await forget(fields.sid);\nreturn seeOther(reply);', 'forget'],
])('in a page a dropped answer is found: %s', (statements, name) => {
  expect(foundInPage(statements)).toEqual([`http/pages/toy.ts:5 ${name}`]);
});

it.each([
  'if (!(await forget(fields.sid))) return leave();',
  'return (await forget(fields.sid)) ? seeOther(reply) : leave();',
  'await count(fields.sid);\nreturn seeOther(reply);',
  "reply.header('retry-after', '1');",
])('in a page the careful form is not: %s', (statements) => {
  expect(foundInPage(statements)).toEqual([]);
});

it.each([
  "if (flag) return refuse('a');",
  "return flag ? refuse('a') : notValid('b');",
  'const checked = checkName(id);\nif (checked !== PASSED) return checked;',
  'const found = await find(id);\nif (isRefusal(found)) return found;',
  'count(id);',
  'const verified = await verifyToy(id);\nreturn verified;',
  'return method.verify(id);',
  'await keepToy(id);',
  'await listToys(id);',
  'if (!(await startToy(id))) return 1;',
  'await insertBox(tx);',
  'if (!(await insertToy(tx))) return 1;',
  'if (!(await consumeToy(id))) return 1;',
  'if (await knows(id)) return 1;',
  'if (flag || !(await isListed(id))) return 1;',
  'return flag && knows(id);',
  'return flag ? knows(id) : isListed(id);',
  'if (count(id)) return 1;',
])('the careful form is not: %s', (statements) => {
  expect(foundIn(statements)).toEqual([]);
});
