import { claims } from './individual-claims.ts';
import { resources } from './resources.ts';
import { scope } from './scope.ts';

/**
 * TABLE of the members of what is asked. What is stored, remembered, compared, taken back, released and told of a member
 * follows from its row.
 */
export const accessMembers = { scope, resources, claims };
