import { generateKeyPairSync } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { encodePart, signJwt } from '../../../src/oauth/keys/sign-jwt.ts';
import type { createSigningThread } from '../../../src/oauth/keys/signer.ts';

const keys = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed25519')] as const;
const built = new URL('../../../dist/oauth/keys/signer.js', import.meta.url).href;
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

it('rows of several keys come back in their order', async () => {
  const signer = createThread();
  await expectEach(await Promise.all(numbers.map((n) => sign(signer, n))));
  await signer.close();
});

it('what the thread was given when it ended is signed all the same, and so is what comes after', async () => {
  const signer = createThread();
  const postMessage = Worker.prototype.postMessage;
  // It ends with the first row that it is given.
  Worker.prototype.postMessage = function (...parameters) {
    Worker.prototype.postMessage = postMessage;
    void this.terminate();
    return postMessage.apply(this, parameters);
  };
  await expectEach(await Promise.all(numbers.map((n) => sign(signer, n))));
  await expectEach(await Promise.all(numbers.map((n) => sign(signer, n))));
  await signer.close();
});
