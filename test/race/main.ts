/** npm run test:race: one code, one refresh token, many hands at once. Exits 1 where a figure is not reached. */
import { authorize, publicClient, redeem, refresh } from '../support/flow.ts';
import { startServer } from '../support/server.ts';

const CODES = 200;
const FAMILIES = 200;
const HANDS = 20;

const server = await startServer({ environment: { GATEHOUSE_LOG_LEVEL: 'warn' } });
await server.user();
const spa = await publicClient(server);
const { agent } = await authorize(server, spa.client);
const failures: string[] = [];

function expectCount(what: string, seen: number, wanted: number): void {
  process.stdout.write(`${what}: ${seen} (wanted ${wanted})\n`);
  if (seen !== wanted) failures.push(what);
}

let successes = 0;
let otherwise = 0;
for (let round = 0; round < CODES; round += 1) {
  const authorized = await authorize(server, spa.client, { agent });
  const answers = await Promise.all(Array.from({ length: HANDS }, () => redeem(server, spa, authorized)));
  successes += answers.filter((answer) => answer.status === 200).length;
  otherwise += answers.filter(
    (answer) => answer.status !== 200 && answer.body.error !== 'invalid_grant',
  ).length;
}
expectCount(`${CODES} codes, ${HANDS} parallel redemptions each: successes`, successes, CODES);
expectCount('answers that are neither 200 nor invalid_grant', otherwise, 0);

let singleSuccessor = 0;
let live = 0;
for (let round = 0; round < FAMILIES; round += 1) {
  const first = await redeem(server, spa, await authorize(server, spa.client, { agent }));
  const uses = Array.from({ length: HANDS }, () => refresh(server, spa, first.body.refresh_token));
  const successors = new Set((await Promise.all(uses)).map((answer) => answer.body.refresh_token as string));
  if (successors.size === 1 && !successors.has(first.body.refresh_token)) singleSuccessor += 1;
  const [successor = ''] = successors;
  if ((await refresh(server, spa, successor)).status === 200) live += 1;
}
expectCount(
  `${FAMILIES} families, ${HANDS} parallel uses each: with one successor`,
  singleSuccessor,
  FAMILIES,
);
expectCount('families whose successor lives', live, FAMILIES);

await server.stop();
if (failures.length > 0) process.exitCode = 1;
