/** Whether the database, or the audit, holds in clear what only the user should know. ASVS V6.5.2 */
import type { User } from '../../../src/identity/users/users.ts';
import { listAuditEvents } from '../../../src/storage/tables/audit-log.ts';
import type { IdentityFixture } from '../identity-only.ts';

export interface StoredSecret<Input> {
  enrol(identity: IdentityFixture, user: User, which: 'first' | 'second'): Promise<Input>;
  wrong(right: Input): Input;
  /**
   * What only the user should know, as they would type it: a code, a password, and also what they made the input of, such
   * as the seed that an app was given. None may be stored in clear, not even where the server must be able to read it: a
   * seed is then sealed by the master key.
   */
  secrets(right: Input): readonly string[];
}

/** Shorter text is found in numbers and hashes by chance, unless it stands alone. */
const LONG = 8;
let users = 0;

/** Each column that holds it; empty where none does. */
export async function storedSecretFaults<Input>(
  identity: IdentityFixture,
  { enrol, wrong, secrets }: StoredSecret<Input>,
): Promise<string[]> {
  users += 1;
  const user = await identity.user(`storing${users}`, { password: undefined });
  const right = await enrol(identity, user, 'first');
  const named = secrets(right);
  if (named.length === 0) return ['the sample names no secret'];
  const all = [...named, ...changedTexts(right, wrong(right))].flatMap(formsOf);
  const held = (await everyValue(identity)).filter(([, text]) => all.some((one) => isInClear(text, one)));
  return [...new Set(held.map(([place]) => `${place} holds the secret in clear`))];
}

/** What is typed and differs in the wrong input is secret, whatever the sample names. */
function changedTexts(right: unknown, wrong: unknown): string[] {
  if (typeof right !== 'object' || typeof wrong !== 'object' || !right || !wrong) return [];
  const others = new Map<string, unknown>(Object.entries(wrong));
  return Object.entries(right).flatMap(([name, value]) =>
    typeof value === 'string' && others.get(name) !== value ? [value] : [],
  );
}

/** What is no hash: whoever reads it has the secret. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, ...(['base64', 'base64url', 'hex'] as const).map((coding) => bytes.toString(coding))];
}

const onlyLetters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** In any case, and with or without hyphens and spaces. */
function isInClear(text: string, secret: string): boolean {
  const letters = onlyLetters(secret);
  if (letters.length >= LONG) return onlyLetters(text).includes(letters);
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .includes(letters);
}

/** Of every column of every row, and of the audit, whose rows are packed. */
async function everyValue({ db, audit }: IdentityFixture): Promise<(readonly [string, string])[]> {
  await audit.flush();
  const tables = await db.all<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`);
  const found: [string, string][] = [];
  for (const { name } of tables)
    for (const row of await db.all<Record<string, unknown>>(`SELECT * FROM ${name}`))
      for (const [column, value] of Object.entries(row)) found.push([`${name}.${column}`, textOf(value)]);
  const { events } = await listAuditEvents(db, { limit: 10_000 });
  return [...found, ['the audit', JSON.stringify(events)]];
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}
