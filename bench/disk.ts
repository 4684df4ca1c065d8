/** How much disk space a refreshable grant takes, with its code and its audit events. */
import { statSync } from 'node:fs';
import { openConnection } from './connection.ts';
import { authorizeText, codeFlow } from './flows.ts';
import type { Subject } from './subject.ts';

const CONNECTIONS = 32;

/** Runs `flows` code flows and gives the growth of the database's files for each, in bytes. */
export async function bytesForEachGrant(subject: Subject, flows: number): Promise<number> {
  const before = bytesOf(subject);
  const authorize = authorizeText(subject, subject.app, 'openid');
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = await openConnection(subject.port);
      for (let flow = 0; flow < flows / CONNECTIONS; flow += 1) {
        await codeFlow(subject, connection, authorize, subject.app);
      }
      connection.close();
    }),
  );
  return Math.round((bytesOf(subject) - before) / flows);
}

/** The size of the database file alone: the write-ahead log has a fixed size and is checkpointed from time to time. */
function bytesOf({ file }: Subject): number {
  return file === undefined ? 0 : statSync(file).size;
}
