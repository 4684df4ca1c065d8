/** At run time too nothing proves a client but what `proven` made. */
import { expect, it } from 'vitest';
import {
  isProven,
  proven,
  unproven,
  type Verdict,
} from '../../../../src/oauth/clients/authentication/verdict.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import { NOTHING_TO_SPEND } from '../../../../src/oauth/spend-once.ts';

const client = { client_id: 'app' } as Client;

it('a proof is one, and holds the client that it is of', () => {
  const verdict = proven(client, NOTHING_TO_SPEND);
  expect(isProven(verdict)).toBe(true);
  expect(verdict.client).toBe(client);
});

it('what only looks like one is none', () => {
  const looks: unknown[] = [
    unproven('unknown_client'),
    {},
    { client },
    { proven: true, client },
    { [Symbol('proven')]: true, client },
    { [Symbol.for('proven')]: true, client },
    { 'Symbol(proven)': true, client },
    JSON.parse(JSON.stringify(proven(client, NOTHING_TO_SPEND))),
  ];
  for (const look of looks) expect(isProven(look as Verdict), JSON.stringify(look)).toBe(false);
  expect(unproven('unknown_client')).toEqual({ reason: 'unknown_client' });
});
