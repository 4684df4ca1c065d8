/** Something that happens between what a request read and what it writes, each time. */
import type { Gatehouse } from '../../src/gatehouse.ts';

/** What writes by itself, beside the requests: it must not be taken for the request's own write. */
const BESIDE =
  /audit.record\.ts|storage.cleanup\.ts|authentication.guesses\.ts|keys.rotation\.ts|notify.delivery\.ts/;

/** Whether whoever asks writes for a request. */
export function isRequestsOwn(): boolean {
  return !BESIDE.test(new Error().stack ?? '');
}

/** Does it when the next transaction of a request is about to begin: what its caller saw is from before. */
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
