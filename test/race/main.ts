/**
 * npm run test:race: one code, one refresh token, many hands at once, on one SQLite file and on three nodes over one
 * PostgreSQL; and whatever ends a parent in the middle of a storm of what hangs on it. Exits 1 where a figure is not
 * reached. RACE_COUNT, RACE_HANDS and RACE_ENGINES (sqlite, postgres) choose less.
 */
import type { Answer } from '../../bench/connection.ts';
import { type Hands, openHands } from './hands.ts';
import { type Nodes, startOnPostgres, startOnSqlite } from './nodes.ts';
import { stormAll } from './storms.ts';

const COUNT = Number(process.env.RACE_COUNT ?? 10_000);
const HANDS = Number(process.env.RACE_HANDS ?? 20);
/** What is done at once in a storm, and how often. */
const STORM = { count: 24, rounds: 4 };
/** Races that run beside each other. */
const LANES = 4;
const NODES = 3;

const engines: Readonly<Record<string, { title: string; start(): Promise<Nodes> }>> = {
  sqlite: { title: 'SQLite', start: startOnSqlite },
  postgres: { title: `${NODES} nodes over one PostgreSQL`, start: () => startOnPostgres(NODES) },
};

const failures: string[] = [];

function expectCount(what: string, seen: number, wanted: number): void {
  process.stdout.write(`${what}: ${seen} (wanted ${wanted})\n`);
  if (seen !== wanted) failures.push(what);
}

/** Runs `count` races, some beside each other; each has hands of its own. */
async function race(nodes: Nodes, once: (hands: Hands) => Promise<void>): Promise<void> {
  let left = COUNT;
  const lane = async () => {
    const hands = await openHands(nodes, HANDS);
    for (; left > 0; ) {
      left -= 1;
      await once(hands);
    }
    hands.drop();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const errorOf = (answer: Answer) => (JSON.parse(answer.body) as { error?: string }).error;

async function raceForCodes(nodes: Nodes): Promise<void> {
  let successes = 0;
  let otherwise = 0;
  await race(nodes, async (hands) => {
    const answers = await hands.redeemByAll(await hands.authorize());
    successes += answers.filter(({ status }) => status === 200).length;
    otherwise += answers.filter(
      (answer) => answer.status !== 200 && errorOf(answer) !== 'invalid_grant',
    ).length;
  });
  expectCount(`${COUNT} codes, ${HANDS} parallel redemptions each: successes`, successes, COUNT);
  expectCount('answers that are neither 200 nor invalid_grant', otherwise, 0);
}

const refreshTokenOf = (answer: Answer) =>
  (JSON.parse(answer.body) as { refresh_token?: string }).refresh_token;

async function raceForRefreshTokens(nodes: Nodes): Promise<void> {
  let withOneSuccessor = 0;
  let living = 0;
  await race(nodes, async (hands) => {
    const spent = refreshTokenOf(await hands.redeem(await hands.authorize())) ?? '';
    const answers = await hands.refreshByAll(spent);
    const successors = new Set(answers.map(refreshTokenOf));
    const [successor] = successors;
    if (successors.size === 1 && successor !== undefined && successor !== spent) withOneSuccessor += 1;
    if ((await hands.refresh(successor ?? '')).status === 200) living += 1;
  });
  const what = `${COUNT} refresh tokens, ${HANDS} parallel uses each: with one successor`;
  expectCount(what, withOneSuccessor, COUNT);
  expectCount('refresh tokens whose successor lives', living, COUNT);
}

async function timed(work: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await work();
  process.stdout.write(`  in ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

for (const name of (process.env.RACE_ENGINES ?? 'sqlite,postgres').split(',')) {
  const engine = engines[name];
  if (!engine) throw new Error(`RACE_ENGINES knows ${Object.keys(engines).join(', ')}`);
  process.stdout.write(`${engine.title}\n`);
  const nodes = await engine.start();
  try {
    await timed(() => raceForCodes(nodes));
    await timed(() => raceForRefreshTokens(nodes));
  } finally {
    await nodes.stop();
  }
  await timed(() => stormAll(name, STORM, expectCount));
}
if (failures.length > 0) process.exitCode = 1;
