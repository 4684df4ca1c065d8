/** A cache apart for clients that registered themselves: no number of them takes the place of the others. */
import { isSelfRegistered, type Registered } from './is-self-registered.ts';

/** Makes two of them: self-registered clients fill only their own, and the entries of the operator's clients stay. */
export function apartFromSelfRegistered<Thing>(make: () => Thing): (client: Registered) => Thing {
  const [operators, selfRegistered] = [make(), make()];
  return (client) => (isSelfRegistered(client) ? selfRegistered : operators);
}
