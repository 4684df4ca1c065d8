import { password } from '../../../../src/identity/factors/password.ts';
import { setPassword } from '../../../../src/identity/users/users.ts';
import { accepted } from '../../identity-only.ts';
import { defineSample } from '../factor-faults.ts';

export const sample = defineSample(password, {
  async enrol(identity, { sub, username }, which) {
    const typed = `correct horse battery ${which}`;
    accepted(await setPassword(identity, sub, typed));
    return { login: username, password: typed };
  },
  remove: ({ db }, { sub }) => db.write((tx) => tx.run('DELETE FROM passwords WHERE sub = $1', sub)),
  // A user whose password the product takes away is removed.
  isRemovable: false,
  wrong: (right) => ({ ...right, password: 'correct horse battery staples' }),
  empty: (right) => ({ ...right, password: '' }),
  secrets: (right) => [right.password],
  oversized: (right, longer) => ({ ...right, password: longer(right.password) }),
  isOneTime: false,
});
