/** A user who is being deleted gets no more rows: those that the deletion went by would come back as nobody's, or stay. */
import { expect, it } from 'vitest';
import { lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';
import { files } from './source-files.ts';

/** Tables whose statement does not ask for it itself, each with who asks. */
const ASKED_ELSEWHERE: Readonly<Record<string, string>> = {
  consents: 'the page writes it in the transaction in which it finds the session of the user, who is enabled',
  grants: '`confirm` reads the user in the same transaction; a grant of another epoch is refused by the gate',
  group_members:
    'whoever adds one has found the user; the membership gives a disabled user nothing, and ends with them',
  passwords:
    '`setPassword` finds the user who stays, `changePassword` renews a session, whose statement asks',
  user_roles: '`updateUser` finds the user who stays, in the same transaction',
};

/** A row that goes with another one's, or outlives the user, is not the user's. */
const ofUsers = lifeCycles
  .filter(({ dependsOn = {} }) =>
    Object.values(dependsOn).some(
      (parent) => parent?.table === 'users' && (parent.ends === 'cascade' || parent.ends === 'pieces'),
    ),
  )
  .map(({ table }) => table);

/** `startLeaving` disables the user, too. */
const ASKS = /\bFROM users WHERE\b[\s\S]*\b(?:leaving_at|disabled_at) IS NULL/;

/** The tables of users into which a statement of the text inserts whoever the user is. */
function unasked(text: string, tables: readonly string[] = ofUsers): string[] {
  return [...text.matchAll(/(['`])INSERT (?:OR \w+ )?INTO (\w+)\b(?:(?!\1)[\s\S])*\1/g)]
    .filter(([sql, , table = '']) => tables.includes(table) && !ASKS.test(sql))
    .map(([, , table = '']) => table);
}

it('what inserts a row of a user asks whether the user stays, in its statement', () => {
  const found = files
    .filter(({ path }) => path.startsWith('storage/tables/'))
    .flatMap(({ text }) => unasked(text));
  expect([...new Set(found)].sort()).toEqual(Object.keys(ASKED_ELSEWHERE).sort());
});

it('a statement that does not is found', () => {
  const rest = 'FROM users WHERE sub = $1 AND';
  expect(unasked("tx.run('INSERT INTO toys (sub) VALUES ($1)', sub)", ['toys'])).toEqual(['toys']);
  expect(unasked(`tx.run(\`INSERT INTO toys (sub)\n SELECT sub ${rest} sub <> ''\`)`, ['toys'])).toEqual([
    'toys',
  ]);
  expect(
    unasked(`tx.run(\`INSERT INTO toys (sub)\n SELECT sub ${rest} leaving_at IS NULL\`)`, ['toys']),
  ).toEqual([]);
  expect(unasked("tx.run('INSERT INTO toys (sub) VALUES ($1)', sub)", ['others'])).toEqual([]);
});
