/** Y4: that a client which registered itself is used is noted once a day. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUseToNote, noteUse } from '../../../src/oauth/clients/note-daily-use.ts';
import { readClient } from '../../../src/oauth/clients/read-clients.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { clientOf } from './client-value.ts';

const DAY_MS = 86_400_000;

describe('Y4 a use is to be noted', () => {
  const NOW = 1000 * DAY_MS;
  const clock = { nowMs: () => NOW };
  const toNote = (lastUsedMs: number | undefined) =>
    isUseToNote({ clock }, clientOf({}, { lastUsedMs, registrationTokenHash: 'hash' }));

  it('where none was, or the last one is a day ago', () => {
    expect(toNote(undefined)).toBe(true);
    expect(toNote(NOW - DAY_MS)).toBe(true);
    expect(toNote(NOW - DAY_MS + 1)).toBe(false);
    expect(toNote(NOW)).toBe(false);
  });

  it('never of a client that an operator made', () => {
    const made = clientOf({}, { lastUsedMs: undefined, registrationTokenHash: undefined });
    expect(isUseToNote({ clock }, made)).toBe(false);
  });
});

describe('Y4 a use', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    server.clock.hold();
    for (const client_id of ['app', 'other']) await server.client({ client_id, redirect_uris: [CALLBACK] });
  });
  afterAll(() => server.stop());

  it('is noted, unless another request noted one since a day ago', async () => {
    const { db, clock } = server.gatehouse;
    const note = () => db.write((tx) => noteUse({ clock }, tx, { client_id: 'app' }));
    const lastUse = async (client_id = 'app') => (await readClient(db, client_id))?.lastUsedMs;
    const first = clock.nowMs();
    await note();
    expect(await lastUse()).toBe(first);
    server.clock.advance(DAY_MS - 1);
    await note();
    expect(await lastUse()).toBe(first);
    server.clock.advance(2);
    await note();
    expect(await lastUse()).toBe(first + DAY_MS + 1);
    expect(await lastUse('other')).toBeUndefined();
  });
});
