/** An event is counted once, when it is committed, however often its transaction was tried. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engines, startServerOn } from '../support/engines.ts';
import type { TestServer } from '../support/server.ts';

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  });
  afterAll(() => server.stop());

  async function counted(): Promise<number> {
    const line = /^gatehouse_events_total\{type="user.updated".*\} (\d+)$/m.exec(
      await server.gatehouse.metrics.text(),
    );
    return Number(line?.[1] ?? 0);
  }

  it('an event is counted once when its transaction commits, and not when it rolls back', async () => {
    const { db, audit } = server.gatehouse;
    const before = await counted();
    const failed = db.write(async (tx) => {
      audit.record(tx, { type: 'user.updated', sub: 'nobody' });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await counted()).toBe(before);
    await db.write(async (tx) => audit.record(tx, { type: 'user.updated', sub: 'somebody' }));
    expect(await counted()).toBe(before + 1);
  });

  // SQLite has one writer, so nothing is tried again.
  if (engine === 'SQLite') return;

  it('an event whose transaction is retried is counted once', async () => {
    const { db, audit } = server.gatehouse;
    const { sub } = await server.user('rita');
    const rename = 'UPDATE users SET updated_at = updated_at + 1 WHERE sub = $1';
    const before = await counted();
    let attempts = 0;
    await db.write(async (tx) => {
      attempts += 1;
      await tx.get('SELECT updated_at FROM users WHERE sub = $1', sub);
      if (attempts === 1) await db.write((other) => other.run(rename, sub));
      audit.record(tx, { type: 'user.updated', sub });
      await tx.run(rename, sub);
    });
    expect(attempts).toBe(2);
    expect(await counted()).toBe(before + 1);
  });
});
