/** For npm run test:race: every action by the dozen, and every ending in between. */
import { patient } from '../support/patience.ts';
import { startPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { actions } from './actions.ts';
import { endings } from './endings.ts';
import { meetInStorm } from './meeting.ts';
import { hashOfPassword, newScene } from './scene.ts';

export type Expect = (what: string, seen: number, wanted: number) => void;

const environments: Readonly<Record<string, () => Promise<{ url?: string; stop(): Promise<void> }>>> = {
  sqlite: async () => ({ stop: async () => {} }),
  postgres: startPostgres,
};

/** In each storm `count` do the same at once, as often as `rounds` says. */
export async function stormAll(
  engine: string,
  how: { readonly count: number; readonly rounds: number },
  expectCount: Expect,
): Promise<void> {
  const database = await environments[engine]?.();
  const url = database?.url;
  const environment =
    url === undefined ? {} : { GATEHOUSE_DATABASE: url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  const started = await startServer({ environment, requestsThrough: patient });
  const server = { ...started, gatehouse: { ...started.gatehouse, db: patient(started.gatehouse.db) } };
  const hash = await hashOfPassword(server);
  for (const ending of endings) {
    const { products, wrong, accidents } = await stormOne(server, hash, ending, how);
    expectCount(`${ending.name} between ${products} actions: what lives and must not`, wrong, 0);
    expectCount('accidents of ours (5xx)', accidents, 0);
  }
  await started.stop();
  await database?.stop();
}

async function stormOne(
  server: TestServer,
  hash: string,
  ending: (typeof endings)[number],
  how: { readonly count: number; readonly rounds: number },
) {
  let [products, wrong, accidents] = [0, 0, 0];
  for (const action of actions) {
    const met = await meetInStorm(await newScene(server, hash), action, ending, how);
    products += met.products.length;
    wrong += met.wrong.length;
    accidents += met.accidents.length;
  }
  return { products, wrong, accidents };
}
