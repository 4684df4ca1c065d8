/** What an operator may choose for a new client: its client_id, its secret, and what must succeed with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, PASSED, refuse } from '../../../src/lib/outcome.ts';
import { checkChosen, checkProvided } from '../../../src/oauth/clients/chosen-client-id-and-secret.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : outcome);

describe('what is chosen for a new client', () => {
  it('is a client_id of 128 characters at most, which no request has to escape', () => {
    for (const client_id of ['a', 'a'.repeat(128), 'A-z0._~9'])
      expect(checkChosen({ client_id })).toBe(PASSED);
    for (const client_id of ['', 'a'.repeat(129), 'a b', 'a/b', 'ä', 'a:b', 'a\n'])
      expect(reasonOf(checkChosen({ client_id })), client_id).toBe('malformed_client_id');
  });

  it('RFC 6749 §10.10 is a secret of 22 to 1,024 characters without a control character', () => {
    for (const length of [22, 1024]) expect(checkChosen({ client_secret: 'x'.repeat(length) })).toBe(PASSED);
    expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(21) }))).toBe('short_client_secret');
    expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(1025) }))).toBe('long_client_secret');
    for (const control of ['\n', '\t', '\u0000', '\u0085'])
      expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(30) + control }))).toBe(
        'malformed_client_secret',
      );
    expect(checkChosen({})).toBe(PASSED);
  });

  it('is provided where what must succeed besides says so in its word', async () => {
    const { db } = server.gatehouse;
    const conflict = refuse('conflict' as const, 'wrong_initial_access_token', 'spent');
    expect(await db.write((tx) => checkProvided(tx, {}))).toBe(PASSED);
    expect(await db.write((tx) => checkProvided(tx, { provided: async () => 'provided' }))).toBe(PASSED);
    expect(await db.write((tx) => checkProvided(tx, { provided: async () => conflict }))).toBe(conflict);
    const silent = { provided: async () => undefined as never };
    expect(await db.write((tx) => checkProvided(tx, silent))).not.toBe(PASSED);
  });
});
