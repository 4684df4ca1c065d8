/** What is good for once is spent by one transaction that is committed. RFC 7523 §3, RFC 9449 §11.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSED, refuse } from '../../src/lib/outcome.ts';
import {
  NOTHING_TO_SPEND,
  type Spendable,
  spendable,
  spendEach,
  Unspent,
} from '../../src/oauth/spend-jtis.ts';
import { startServer, type TestServer } from '../support/server.ts';

const ENDS_MS = Date.parse('2100-01-01');
const replayed = refuse('invalid_client' as const, 'assertion_replayed', 'it was shown before');
const of = (...named: (string | undefined)[]) => spendable(named, ENDS_MS, replayed);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const spend = (...all: Spendable[]) => server.gatehouse.db.write((tx) => spendEach(tx, all));

describe('spending', () => {
  it('A043 succeeds once for each, and says which was shown before', async () => {
    expect(await spend(of('a'))).toBe(PASSED);
    expect(await spend(of('a'))).toBe(replayed);
    expect(await spend(of('b'), of('a'))).toBe(replayed);
    expect(await spend(of('c'), of('d'))).toBe(PASSED);
    expect(await spend(of('d'))).toBe(replayed);
    expect(await spend(...NOTHING_TO_SPEND)).toBe(PASSED);
  });

  it('A043 of twenty at once one succeeds', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => spend(of('at once'))));
    expect(outcomes.filter((outcome) => outcome === PASSED)).toHaveLength(1);
  });

  it('the same twice in one request is a replay', async () => {
    expect(await spend(of('twice'), of('twice'))).toBe(replayed);
  });

  it('is undone where its transaction fails', async () => {
    const failing = server.gatehouse.db.write(async (tx) => {
      await spendEach(tx, [of('rolled back')]);
      throw new Error('an accident');
    });
    await expect(failing).rejects.toThrow('an accident');
    expect(await spend(of('rolled back'))).toBe(PASSED);
  });
});

describe('what is spent is told apart', () => {
  it('by each part of its name, at its place, and by its end', () => {
    const keys = [
      of('a', 'b'),
      of('ab'),
      of('a', 'b', ''),
      of('b', 'a'),
      of(undefined, 'a', 'b'),
      spendable(['a', 'b'], ENDS_MS + 1000, replayed),
    ].map(({ jti_key }) => jti_key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(of('a', 'b').jti_key).toBe(keys[0]);
  });

  it('without its name: what stands in the database is a hash', () => {
    expect(of('secret-jti').jti_key).not.toContain('secret-jti');
  });
});

describe('what a request has left', () => {
  it('is what it showed and what was added, each once, and nothing once it is settled', () => {
    const unspent = new Unspent([of('a')]);
    unspent.add([of('a'), of('b')]);
    unspent.add([of('b')]);
    expect(unspent.left.map(({ jti_key }) => jti_key)).toEqual([of('a').jti_key, of('b').jti_key]);
    unspent.settle();
    expect(unspent.left).toEqual(NOTHING_TO_SPEND);
  });
});
