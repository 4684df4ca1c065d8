/**
 * The process that hashes passwords for a server (hash-in-child-process.ts). It uses only processor time that the server and other
 * processes do not need, so that many sign-ins do not slow down token requests.
 */
import { constants, setPriority } from 'node:os';
import { argonHere, askArgon, type HashingQuestion } from './argon.ts';

setPriority(constants.priority.PRIORITY_LOW);
// The server ends it; a terminal sends these signals to both processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit());
process.on('message', async ({ id, phc, password }: HashingQuestion) => {
  const result = await askArgon(argonHere, phc, password);
  if (process.connected) process.send?.({ id, result });
});
