/** npm run test:rotation: sixty key rotations in a minute under load; who caches /jwks as told verifies every token. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { type Answer, post } from '../crash/client.ts';
import { createReport } from '../crash/report.ts';
import { newCode, openScene, redeem, type Scene } from '../faults/scene.ts';
import { createCachedKeys } from './cached-keys.ts';

const ROTATIONS = 60;
const EVERY_MS = 1000;
const MAX_AGE_SECONDS = 1;
const TOKEN_SECONDS = 30;
const HANDS = 4;
/** A token is verified when it comes, and again when it is nearly over. */
const AGAIN_MS = (TOKEN_SECONDS - 5) * 1000;

const run = promisify(execFile);
const report = createReport();
const scene = await openScene({
  GATEHOUSE_JWKS_MAX_AGE_SECONDS: String(MAX_AGE_SECONDS),
  GATEHOUSE_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
  GATEHOUSE_ID_TOKEN_SECONDS: String(TOKEN_SECONDS),
});
const keys = createCachedKeys(`${scene.gatehouse.origin}/jwks`);
const counts = { verified: 0, again: 0, failed: 0, refused: 0 };
/** A rotation makes a key of each. */
const kids = { ES256: new Set<string>(), RS256: new Set<string>() };
const later: { token: string; atMs: number }[] = [];
let isOver = false;

const startMs = performance.now();
const loads = Array.from({ length: HANDS }, (_hand, index) => load(index));
const rotated = await rotate(scene);
const tookMs = performance.now() - startMs;
isOver = true;
await Promise.all(loads);

report.expect('rotations', rotated, ROTATIONS);
report.atMost('seconds that they took', Math.round(tookMs / 100) / 10, (ROTATIONS * EVERY_MS) / 1000 + 1);
report.say(`${counts.verified} tokens verified at once, ${counts.again} again before they expired`);
report.say(`${kids.ES256.size} and ${kids.RS256.size} keys signed, ${keys.fetches()} fetches of /jwks`);
report.expect('tokens that did not verify', counts.failed, 0);
report.expect('requests that were refused', counts.refused, 0);
for (const [alg, signed] of Object.entries(kids))
  report.atMost(`rotations whose ${alg} key never signed`, ROTATIONS - signed.size, 4);
await scene.end();
report.finish();

/** By the command, beside the running server. */
async function rotate({ gatehouse }: Scene): Promise<number> {
  let done = 0;
  const running: Promise<unknown>[] = [];
  for (let turn = 0; turn < ROTATIONS; turn += 1) {
    await until(startMs + turn * EVERY_MS);
    const options = { cwd: gatehouse.directory, env: gatehouse.environment };
    const rotation = run(process.execPath, [gatehouse.program, 'keys', 'rotate', '--json'], options);
    running.push(rotation.then(() => (done += 1)));
  }
  await Promise.all(running);
  return done;
}

async function load(hand: number): Promise<void> {
  while (!isOver) {
    const { machine } = scene.clients;
    const answers =
      hand === 0
        ? [await redeem(scene, await newCode(scene))]
        : [await post(scene.gatehouse, '/token', { grant_type: 'client_credentials' }, machine)];
    for (const answer of answers) await verifyAll(answer);
    for (const due of dueTokens()) await verify(due, 'again');
    await until(performance.now() + 10);
  }
}

function dueTokens(): string[] {
  const count = later.findIndex(({ atMs }) => atMs > performance.now());
  return later.splice(0, Math.max(0, count)).map(({ token }) => token);
}

async function verifyAll({ status, body }: Answer): Promise<void> {
  if (status !== 200) {
    counts.refused += 1;
    return;
  }
  for (const token of [body.access_token, body.id_token]) {
    if (token === undefined) continue;
    await verify(token, 'verified');
    later.push({ token, atMs: performance.now() + AGAIN_MS });
  }
}

async function verify(token: string, when: 'verified' | 'again'): Promise<void> {
  try {
    await jwtVerify(token, await keys.current(), { issuer: scene.gatehouse.origin });
    const { alg = '', kid = '' } = decodeProtectedHeader(token);
    kids[alg as keyof typeof kids].add(kid);
    counts[when] += 1;
  } catch (error) {
    counts.failed += 1;
    report.say(`${when}: ${String(error)}`);
  }
}

async function until(atMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())));
}
