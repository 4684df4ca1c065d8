/** That the statement which spends what is shown asks whether it has ended, be the grant over or not. */
import { beforeNextWrite } from '../../support/before-next-write.ts';
import type { TestServer } from '../../support/server.ts';
import { askerOf, type GrantSample } from './grant-sample.ts';
import { endingsFoundBy, endRow } from './stored-traces.ts';

/** Each row that is found by what is sent ends between `look` and `spend`: which of them nobody asks for. */
export async function endingFaultsOf(server: TestServer, sample: GrantSample): Promise<string[]> {
  const { db } = server.gatehouse;
  const faults: string[] = [];
  let endings = 0;
  for (const [index] of sample.secrets.entries()) {
    const { secrets } = await askerOf(server, sample);
    for (const ending of await endingsFoundBy(db, secrets[index] ?? '')) {
      endings += 1;
      const another = await askerOf(server, sample);
      const end = () => endRow(db, ending, another.secrets[index] ?? '', server.clock.nowMs());
      beforeNextWrite(server.gatehouse, end);
      const { table, column } = ending;
      if ((await another.ask()).status === 200) faults.push(`it is accepted after ${table}.${column}`);
    }
  }
  return endings > 0 ? faults : ['no row with an end is found by the hash of what is secret'];
}
