/**
 * The process that hashes passwords for a server (hashing-child.ts). It takes what the server and everything else leave
 * of the processors, so that a storm of sign-ins slows no token down.
 */
import { constants, setPriority } from 'node:os';
import { argonHere, askArgon, type HashingQuestion } from './argon.ts';

setPriority(constants.priority.PRIORITY_LOW);
// The server decides when it ends, also where a terminal tells both of them to.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit());
process.on('message', async ({ id, phc, password }: HashingQuestion) => {
  const result = await askArgon(argonHere, phc, password);
  if (process.connected) process.send?.({ id, result });
});
