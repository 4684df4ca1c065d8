/** An audit event: its row of the page follows from its line. */
import { expect, it } from 'vitest';
import { auditEvents } from '../../../src/audit/events.ts';
import { rowsOf } from '../../documents/reference/audit.ts';

it('a type has a row with its sentence, or shares the row of the types with the same sentence', () => {
  const before = rowsOf(auditEvents);
  const roles = 'the roles of people';
  const rows = rowsOf({ ...auditEvents, 'toy.wound': 'a toy was wound up', 'role.renamed': roles });
  expect(rows.length).toBe(before.length + 1);
  expect(rows.at(-1)).toEqual(['`toy.wound`', 'a toy was wound up']);
  expect(rows).toContainEqual(['`role.added`, `role.removed`, `role.renamed`', roles]);
});
