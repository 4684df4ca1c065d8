/** The thread that signs for a server (signer.ts). */
import { parentPort } from 'node:worker_threads';
import { quickSignature } from './signature.ts';
import type { SigningAnswer, SigningQuestion } from './signer.ts';

const answer = (message: SigningAnswer) => parentPort?.postMessage(message);

parentPort?.on('message', ({ alg, key, texts }: SigningQuestion) => {
  answer(texts.map((text) => quickSignature(alg, key, text)));
});
answer('ready');
