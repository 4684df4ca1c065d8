/** The table of purposes: by its name a stored interaction finds who reads it. */
import { expect, it } from 'vitest';
import { NOTHING_ASKED } from '../../../../src/oauth/authorization/authorization-request-types.ts';
import { purposes } from '../../../../src/oauth/authorization/purposes/index.ts';
import { definePurpose, type Purpose } from '../../../../src/oauth/authorization/purposes/purpose.ts';
import { clientOf } from '../../clients/client-value.ts';
import { requestOf } from '../signed-in.ts';

it('a row is as it was defined, and each has a name of its own', () => {
  const [first] = purposes;
  expect(definePurpose(first as Purpose)).toBe(first);
  expect(new Set(purposes.map(({ name }) => name)).size).toBe(purposes.length);
});

it.each(purposes.map((purpose) => [purpose.name, purpose] as const))(
  '%s reads what it wrote, and no other text',
  (_name, purpose) => {
    const client = clientOf();
    const request = { ...requestOf(client), path: '/account' };
    const read = purpose.read(purpose.write(request, client));
    expect(read.request.asked.acr).toEqual(NOTHING_ASKED.acr);
    expect(purpose.write(read.request, client)).toBe(purpose.write(request, client));
    for (const text of ['', '{', 'null']) expect(() => purpose.read(text), text).toThrow();
  },
);
