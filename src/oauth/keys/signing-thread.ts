/** The thread that signs for a server (signer.ts). */
import { parentPort } from 'node:worker_threads';
import { quickSignature } from './signature.ts';
import type { SigningQuestion } from './signer.ts';

parentPort?.on('message', ({ alg, key, texts }: SigningQuestion) => {
  parentPort?.postMessage(texts.map((text) => quickSignature(alg, key, text)));
});
