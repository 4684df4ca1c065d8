/**
 * Would the ledger notice? After a kill the file is damaged as a server that forgets would damage it, and the same
 * verification must name exactly that.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { damages, wholeLifeLost } from './damages.ts';
import type { Report } from './report.ts';
import { type Gatehouse, newHouse, removeHouse, startServer } from './server-process.ts';
import { assemble, attackForLong, newShyClient, newWork } from './set-up.ts';
import { verify, verifyNoReplay } from './verify.ts';
import {
  askCode,
  attackAccount,
  changeConsent,
  machineToken,
  redeemCode,
  revokeAccess,
  revokeRefresh,
  rotate,
  signInAsBob,
  signOut,
  type Work,
} from './workload.ts';

export async function checkLedger(report: Report): Promise<void> {
  const gatehouse = await newHouse();
  const work = await liveTwice(gatehouse);
  for (const { name, sql, noticed } of damages) {
    takeBack(gatehouse, 'last');
    damage(gatehouse, sql);
    report.expect(`noticed of: ${name}`, await noticedIn(work), listed(noticed));
    // A code that is old may be refused; the first damage is looked at while it is fresh.
    for (const code of work.ledger.codes) code.issuedAtMs = 0;
  }
  takeBack(gatehouse, 'earlier');
  report.expect('noticed of: a whole life lost', await noticedIn(work), listed(wholeLifeLost));
  removeHouse(gatehouse);
}

/** Two lives with something of every kind in the ledger; the file as each left it is kept. */
async function liveTwice(gatehouse: Gatehouse): Promise<Work> {
  const clients = assemble(gatehouse);
  let running = await startServer(gatehouse);
  const work = await newWork(gatehouse, clients);
  work.ledger.consents.push({ client_id: newShyClient(gatehouse), state: 'none' });
  const second = await firstLife(work);
  await running.kill();
  keep(gatehouse, 'earlier');
  running = await startServer(gatehouse);
  await second();
  await running.kill();
  keep(gatehouse, 'last');
  return work;
}

/** Gives what the second life does. */
async function firstLife(work: Work): Promise<() => Promise<void>> {
  const { ledger } = work;
  for (let chain = 0; chain < 3; chain += 1) await redeemCode(work, await askCode(work));
  const [, , doomed] = ledger.chains;
  const late = await askCode(work);
  const [given, withdrawn] = ledger.consents;
  if (!doomed || !given || !withdrawn) throw new Error('the first life did not do its work');
  await changeConsent(work, withdrawn);
  const visit = await signInAsBob(work);
  return async () => {
    await redeemCode(work, late);
    await redeemCode(work, await askCode(work));
    for (const chain of [...ledger.chains, ...ledger.chains]) await rotate(work, chain);
    await revokeRefresh(work, doomed);
    await machineToken(work);
    await revokeAccess(work);
    await changeConsent(work, withdrawn);
    await changeConsent(work, given);
    await signOut(work, visit);
    await signInAsBob(work);
    await attackForLong(work);
    await attackAccount(work);
    await askCode(work);
  };
}

/** All that the verification says on the next start, each sentence once. */
async function noticedIn(work: Work): Promise<string> {
  const sentences = new Set<string>();
  const listening = listeningReport((what) => sentences.add(what.replace(/(:| \().*/, '')));
  // Each damage is looked at with what was known when the server was killed.
  const known = { ...work, ledger: structuredClone(work.ledger) };
  const running = await startServer(work.gatehouse);
  await verify(known, listening, Number.POSITIVE_INFINITY);
  await verifyNoReplay(known, listening);
  await running.kill();
  return listed([...sentences]);
}

function listeningReport(fail: (what: string) => void): Report {
  const ignore = () => {};
  return { fail, expect: ignore, atMost: ignore, say: ignore, finish: ignore };
}

function listed(sentences: readonly string[]): string {
  return sentences.length === 0 ? 'nothing' : [...sentences].sort().join(', ');
}

type Moment = 'earlier' | 'last';

const dataOf = (gatehouse: Gatehouse) => join(gatehouse.directory, 'data');

function keep(gatehouse: Gatehouse, moment: Moment): void {
  cpSync(dataOf(gatehouse), join(gatehouse.directory, moment), { recursive: true });
}

function takeBack(gatehouse: Gatehouse, moment: Moment): void {
  rmSync(dataOf(gatehouse), { recursive: true });
  cpSync(join(gatehouse.directory, moment), dataOf(gatehouse), { recursive: true });
}

function damage(gatehouse: Gatehouse, sql: string): void {
  change(gatehouse, `ATTACH '${join(gatehouse.directory, 'earlier', 'gatehouse.db')}' AS earlier`, sql);
}

function change(gatehouse: Gatehouse, ...statements: string[]): void {
  const db = new SqliteDatabase(join(dataOf(gatehouse), 'gatehouse.db'));
  for (const sql of statements) db.exec(sql);
  db.close();
}
