import { findPassword } from '../../storage/tables/passwords.ts';
import type { Factor } from './factor.ts';

/** What a person knows. NIST SP 800-63B-4 §3.1.1 */
export const password: Factor = {
  name: 'password',
  amr: ['pwd'],
  step: 'login',
  isEnrolled: async (db, sub) => (await findPassword(db, sub)) !== undefined,
};
