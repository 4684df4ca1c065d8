import type { PersonalData } from '../life-cycle.ts';

/** Of the tables that hold what a user has beside the password. */
export const SECOND_FACTOR: PersonalData = {
  what: 'a second factor: since when, and the sealed seed of an authenticator app',
  kept: 'until the person or an operator removes it',
};
