/** Check, then write: whatever reads first and writes later, a parent ends in between. Both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { createHeldWrites, type HoldingPoint } from '../support/held-writes.ts';
import { patient } from '../support/patience.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Action, actions, silentOffline } from './actions.ts';
import { type Ending, endings } from './endings.ts';
import { meetHeld, meetInStorm } from './meeting.ts';
import { hashOfPassword, newScene } from './scene.ts';
import { findSurvivors } from './survivors.ts';

/** Within their transactions two could wait for each other's rows, and not for the ending. */
const HELD_TOGETHER: Readonly<Record<HoldingPoint, number>> = { begin: 2, commit: 1 };

const LIMIT_MS = 120_000;

const engines: Readonly<
  Record<string, { points: readonly HoldingPoint[]; environment(): Promise<Record<string, string>> }>
> = {
  // One writer: nobody comes between its BEGIN and its COMMIT.
  SQLite: { points: ['begin'], environment: async () => ({}) },
  PostgreSQL: {
    points: ['begin', 'commit'],
    async environment() {
      postgres = await startPostgres();
      return { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
    },
  },
};

let postgres: TestPostgres | undefined;

describe.each(Object.entries(engines))('on %s', { timeout: LIMIT_MS }, (_engine, { points, environment }) => {
  const writes = createHeldWrites();
  let server: TestServer;
  let hash: string;

  beforeAll(async () => {
    const requestsThrough = (db: Database) => writes.through(patient(db));
    const started = await startServer({ environment: await environment(), requestsThrough });
    server = { ...started, gatehouse: { ...started.gatehouse, db: patient(started.gatehouse.db) } };
    hash = await hashOfPassword(server);
  });
  afterAll(async () => {
    await server.stop();
    await postgres?.stop();
    postgres = undefined;
  });

  const leaving = actions.filter(({ leaves }) => leaves);

  it.each(leaving)('$name leaves something that lives, where nothing ends', async (action) => {
    const scene = await newScene(server, hash);
    const product = await (await action.prepare(scene))();
    expect(await findSurvivors(scene, action.name, [product])).not.toEqual([]);
  });

  describe.each(endings.filter(({ isAboutTokens }) => !isAboutTokens))('$name', (ending) => {
    it.each(actions)('while $name waits to be written: nothing lives on', async (action) => {
      for (const where of placesOf(action, points)) {
        const scene = await newScene(server, hash);
        const { wrong, accidents, held } = await meetHeld(scene, writes, action, ending, where);
        expect({ ...where, wrong, accidents }).toEqual({ ...where, wrong: [], accidents: [] });
        if (where.nth === 0) expect(held).toBe(where.count);
      }
    });

    it('in between silent authorizations: nothing lives on', () => inAStorm(silentOffline, ending));
  });

  // New keys take longer than a request may be held.
  describe.each(endings.filter(({ isAboutTokens }) => isAboutTokens))('$name', (ending) => {
    it.each(actions.filter(({ yieldsTokens }) => yieldsTokens))(
      'in between of $name: nothing lives on',
      (action) => inAStorm(action, ending),
    );
  });

  async function inAStorm(action: Action, ending: Ending): Promise<void> {
    const scene = await newScene(server, hash);
    const { wrong, accidents } = await meetInStorm(scene, action, ending, { count: 3, rounds: 2 });
    expect({ wrong, accidents }).toEqual({ wrong: [], accidents: [] });
  }
});

function placesOf({ writes }: Action, points: readonly HoldingPoint[]) {
  const order = Array.from({ length: writes }, (_unused, nth) => nth);
  return points.flatMap((point) => order.map((nth) => ({ point, nth, count: HELD_TOGETHER[point] })));
}
