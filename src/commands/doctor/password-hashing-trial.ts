import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fail, type OutsideCheck, pass } from './check.ts';

/** A prebuilt binary may crash on this machine's processor, so the trial runs in a separate process. */
export const hashingCheck: OutsideCheck = {
  name: 'password hashing',
  async look() {
    const program = `import('@node-rs/argon2').then((m) => m.hash('trial', { memoryCost: 19456, timeCost: 2, parallelism: 1 }))`;
    try {
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        cwd: new URL('../../..', import.meta.url),
        timeout: 20_000,
      });
      return pass('argon2id works');
    } catch (error) {
      return fail(
        `argon2 crashed (${(error as Error).message.split('\n')[0]})`,
        'run npm ci again on this machine, so that the binary for its processor is there',
      );
    }
  },
};
