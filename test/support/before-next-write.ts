/** Runs an action between what a request reads and what it writes, each time. */
import type { Gatehouse } from '../../src/gatehouse.ts';

/** Code that writes in the background: it must not be taken for the request's own write. */
const BESIDE =
  /audit.record\.ts|storage.cleanup\.ts|authentication.guesses\.ts|keys.rotation\.ts|notify.deliver/;

/** Whether the caller writes on behalf of a request. */
export function isRequestsOwn(): boolean {
  return !BESIDE.test(new Error().stack ?? '');
}

/** Runs `act` just before the next transaction of a request, whose earlier reads are then outdated. */
export function beforeNextWrite({ db }: Pick<Gatehouse, 'db'>, act: () => Promise<unknown>): void {
  const { write } = db;
  const held: typeof write = async (body) => {
    if (!isRequestsOwn()) return write(body);
    Object.assign(db, { write });
    await act();
    return write(body);
  };
  Object.assign(db, { write: held });
}
