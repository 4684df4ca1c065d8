/** The thread that signs for a server (batched-signer.ts). */
import { parentPort } from 'node:worker_threads';
import type { SigningAnswer, SigningQuestion } from './batched-signer.ts';
import { quickSignature } from './make-and-verify-signatures.ts';

const answer = (message: SigningAnswer) => parentPort?.postMessage(message);

parentPort?.on('message', ({ alg, key, texts }: SigningQuestion) => {
  answer(texts.map((text) => quickSignature(alg, key, text)));
});
answer('ready');
