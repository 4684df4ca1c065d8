import { password } from '../../../../src/identity/factors/password.ts';
import { storePassword } from '../../../../src/identity/passwords/replace-password.ts';
import { SESSIONS_STAY } from '../../../../src/identity/reset-after-credential-change.ts';
import { defineSample } from '../factor-faults.ts';

export const sample = defineSample(password, {
  async enrol({ db, clock, passwordHasher }, { sub, username }, which) {
    const typed = `correct horse battery ${which}`;
    const hash = await passwordHasher.hash(typed);
    await db.write((tx) => storePassword(tx, { sub, hash, changed_at: clock.nowMs() }, SESSIONS_STAY));
    return { login: username, password: typed };
  },
  remove: ({ db }, { sub }) => db.write((tx) => tx.run('DELETE FROM passwords WHERE sub = $1', sub)),
  // A user whose password the product takes away is removed.
  isRemovable: false,
  wrong: (right) => ({ ...right, password: 'correct horse battery staples' }),
  empty: (right) => ({ ...right, password: '' }),
  oversized: (right, longer) => ({ ...right, password: longer(right.password) }),
  isOneTime: false,
});
