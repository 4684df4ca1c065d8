// Loaded before the program (node --import): kills its own process at a named point. The program knows nothing of it.
// KILL_AT is `before <n> <text>` or `after <n> <text>`: the n-th run of a statement whose SQL contains the text.
import { createRequire } from 'node:module';

const SqliteDatabase = createRequire(import.meta.url)('better-sqlite3');
const [, when = '', count = '', text = ''] =
  /^(before|after) (\d+) (.*)$/s.exec(process.env.KILL_AT ?? '') ?? [];
const prepare = SqliteDatabase.prototype.prepare;
let seen = 0;

SqliteDatabase.prototype.prepare = function prepareWatched(sql) {
  const statement = prepare.call(this, sql);
  if (when === '' || !sql.includes(text)) return statement;
  const connection = this;
  const run = statement.run;
  statement.run = function runWatched(...parameters) {
    // A reader's snapshot ends with COMMIT too, and commits nothing.
    const isCounted = text !== 'COMMIT' || connection.isWriting;
    if (isCounted) seen += 1;
    const isNow = isCounted && seen === Number(count);
    if (isNow && when === 'before') process.kill(process.pid, 'SIGKILL');
    const result = run.apply(statement, parameters);
    if (isNow) process.kill(process.pid, 'SIGKILL');
    return result;
  };
  return statement;
};

const prepareWatched = SqliteDatabase.prototype.prepare;
SqliteDatabase.prototype.prepare = function prepareMarked(sql) {
  if (sql === 'BEGIN IMMEDIATE') this.isWriting = true;
  return prepareWatched.call(this, sql);
};
