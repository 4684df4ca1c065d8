/**
 * Would the ledger notice? After a kill the file is damaged as a server that forgets would damage it, and the same
 * verification must name exactly that.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { damages, wholeLifeLost } from './damages.ts';
import type { Report } from './report.ts';
import { type House, newHouse, removeHouse, startServer } from './server-process.ts';
import { attackForLong, furnish, newShyClient, newWork } from './set-up.ts';
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
  const house = await newHouse();
  const work = await liveTwice(house);
  for (const { name, sql, noticed } of damages) {
    takeBack(house, 'last');
    damage(house, sql);
    report.expect(`noticed of: ${name}`, await noticedIn(work), listed(noticed));
    // A code that is old may be refused; the first damage is looked at while it is fresh.
    for (const code of work.ledger.codes) code.issuedAtMs = 0;
  }
  takeBack(house, 'earlier');
  report.expect('noticed of: a whole life lost', await noticedIn(work), listed(wholeLifeLost));
  removeHouse(house);
}

/** Two lives with something of every kind in the ledger; the file as each left it is kept. */
async function liveTwice(house: House): Promise<Work> {
  const clients = furnish(house);
  let running = await startServer(house);
  const work = await newWork(house, clients);
  work.ledger.consents.push({ client_id: newShyClient(house), state: 'none' });
  const second = await firstLife(work);
  await running.kill();
  keep(house, 'earlier');
  running = await startServer(house);
  await second();
  await running.kill();
  keep(house, 'last');
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
  const running = await startServer(work.house);
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

const dataOf = (house: House) => join(house.directory, 'data');

function keep(house: House, moment: Moment): void {
  cpSync(dataOf(house), join(house.directory, moment), { recursive: true });
}

function takeBack(house: House, moment: Moment): void {
  rmSync(dataOf(house), { recursive: true });
  cpSync(join(house.directory, moment), dataOf(house), { recursive: true });
}

function damage(house: House, sql: string): void {
  change(house, `ATTACH '${join(house.directory, 'earlier', 'gatehouse.db')}' AS earlier`, sql);
}

function change(house: House, ...statements: string[]): void {
  const db = new SqliteDatabase(join(dataOf(house), 'gatehouse.db'));
  for (const sql of statements) db.exec(sql);
  db.close();
}
