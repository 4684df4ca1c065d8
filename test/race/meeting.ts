/** An action and an ending meet: each time in the same order, or as it comes. */
import type { HeldWrites, HoldingPoint } from '../support/held-writes.ts';
import type { TestServer } from '../support/server.ts';
import type { Action, Product } from './actions.ts';
import type { Ending } from './endings.ts';
import type { Scene } from './scene.ts';
import { findSurvivors, type Survivor } from './survivors.ts';

export interface Met {
  readonly products: readonly Product[];
  /** What lives and must not. */
  readonly wrong: readonly Survivor[];
  /** Answers that are an accident of ours; 503 is none, it says to come again. */
  readonly accidents: readonly number[];
  /** How many were held when the ending ran. */
  readonly held: number;
}

/** All of one action wait at their `nth` write, the ending runs, and they go on. */
export async function meetHeld(
  scene: Scene,
  writes: HeldWrites,
  action: Action,
  ending: Ending,
  where: { readonly point: HoldingPoint; readonly nth: number; readonly count: number },
): Promise<Met> {
  const begin = await prepareMany(scene, action, where.count);
  writes.hold(where.point);
  let answered = 0;
  const underWay = begin.map((start) =>
    start().finally(() => {
      answered += 1;
    }),
  );
  const all = Promise.all(underWay);
  const areHeld = () => turns(() => answered + writes.waiting() >= where.count);
  for (let write = 0; write < where.nth; write += 1) {
    await areHeld();
    writes.letOn();
  }
  await areHeld();
  const held = writes.waiting();
  const ended = ending.run(scene);
  await (where.point === 'begin' ? ended : endedOrBlocked(scene.server, ended));
  writes.release();
  await ended;
  return look(scene, action, ending, { products: await all, held, isStorm: false });
}

/** Many of one action, again and again, and the ending in between. */
export async function meetInStorm(
  scene: Scene,
  action: Action,
  ending: Ending,
  { count, rounds }: { readonly count: number; readonly rounds: number },
): Promise<Met> {
  const products: Product[] = [];
  const prepared: (() => Promise<Product>)[][] = [];
  for (let round = 0; round < rounds; round += 1) prepared.push(await prepareMany(scene, action, count));
  const lanes = Array.from({ length: count }, async (_unused, lane) => {
    for (const round of prepared) {
      const start = round[lane];
      if (start) products.push(await start());
    }
  });
  // In the middle of them, whatever the machine's speed.
  await turns(() => products.length >= (count * rounds) / 3);
  await ending.run(scene);
  await Promise.all(lanes);
  return look(scene, action, ending, { products, held: 0, isStorm: true });
}

async function prepareMany(scene: Scene, action: Action, count: number): Promise<(() => Promise<Product>)[]> {
  return Promise.all(Array.from({ length: count }, () => action.prepare(scene)));
}

async function look(
  scene: Scene,
  action: Action,
  ending: Ending,
  seen: Pick<Met, 'products' | 'held'> & { readonly isStorm: boolean },
): Promise<Met> {
  const { products, held, isStorm } = seen;
  await ending.afterwards?.(scene);
  const wrong: Survivor[] = [];
  for (const one of await findSurvivors(scene, action.name, products)) {
    if (!(await ending.mayLive(scene, one, isStorm))) wrong.push(one);
  }
  const accidents = products.map(({ status }) => status).filter((status) => status >= 500 && status !== 503);
  return { products, wrong, accidents, held };
}

/** Resolves when it is so; looks again at each turn of the event loop. */
async function turns(question: () => boolean): Promise<void> {
  while (!question()) await new Promise((resolve) => setImmediate(resolve));
}

/** What is held within its transaction may hold a row that the ending needs: then it has to go on first. */
export async function endedOrBlocked({ gatehouse }: TestServer, ended: Promise<unknown>): Promise<void> {
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const row = await gatehouse.db.get<{ n: number }>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (Number(row?.n) > 0) return;
  }
}
