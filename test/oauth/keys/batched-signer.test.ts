import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import type { createSigningThread } from '../../../src/oauth/keys/batched-signer.ts';
import { encodePart, signJwt } from '../../../src/oauth/keys/sign-jwt.ts';

const keys = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed25519')] as const;
const built = new URL('../../../dist/oauth/keys/batched-signer.js', import.meta.url).href;
const { createSigningThread: createThread } = (await import(built)) as {
  createSigningThread: typeof createSigningThread;
};

const sign = (signer: ReturnType<typeof createThread>, n: number) => {
  const alg = n % 3 === 0 ? 'EdDSA' : 'ES256';
  const { privateKey } = keys[alg === 'ES256' ? 0 : 1];
  return signJwt(signer, alg, privateKey, encodePart({ alg, kid: 'k' }), { n });
};

async function expectEach(tokens: readonly string[]): Promise<void> {
  for (const [n, token] of tokens.entries()) {
    const { publicKey } = keys[n % 3 === 0 ? 1 : 0];
    expect((await jwtVerify(token, publicKey)).payload.n).toBe(n);
  }
}

const numbers = Array.from({ length: 100 }, (_unused, n) => n);
const signAll = (signer: ReturnType<typeof createThread>) => Promise.all(numbers.map((n) => sign(signer, n)));

/** Signs until the thread is there; `seen` is told of each row that it is given. */
async function signUntilHandedOver(
  signer: ReturnType<typeof createThread>,
  seen: (thread: Worker) => void = () => {},
): Promise<void> {
  const { postMessage } = Worker.prototype;
  let isHandedOver = false;
  Worker.prototype.postMessage = function (...parameters) {
    isHandedOver = true;
    seen(this);
    return postMessage.apply(this, parameters);
  };
  try {
    while (!isHandedOver) await expectEach(await signAll(signer));
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
}

it('rows of several keys come back in their order, before the thread is there and after', async () => {
  const signer = createThread();
  await expectEach(await signAll(signer));
  await signUntilHandedOver(signer);
  await expectEach(await signAll(signer));
  await signer.close();
});

it('the jobs of a thread that ended are still signed, and so are later ones', async () => {
  const signer = createThread();
  let isEnding = false;
  await signUntilHandedOver(signer, (thread) => {
    if (!isEnding) void thread.terminate();
    isEnding = true;
  });
  await expectEach(await signAll(signer));
  await signer.close();
  await expectEach(await signAll(signer));
});

it('without a thread that starts, everything is signed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'signer-'));
  // signing-thread-program.js is not there.
  for (const file of [
    'batched-signer.js',
    'make-and-verify-signatures.js',
    '../../lib/once-or-batch-per-turn.js',
  ]) {
    const text = readFileSync(new URL(file, built), 'utf8');
    const copy = join(directory, 'oauth/keys', file);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text.replace(/^\/\/# sourceMappingURL.*$/m, ''));
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  const { createSigningThread: createLoneThread } = (await import(
    pathToFileURL(join(directory, 'oauth/keys/batched-signer.js')).href
  )) as { createSigningThread: typeof createSigningThread };
  const signer = createLoneThread();
  for (let turn = 0; turn < 20; turn += 1) await expectEach(await signAll(signer));
  await signer.close();
  rmSync(directory, { recursive: true });
});
