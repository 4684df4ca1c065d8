/** Something that happens between what a request read and what it writes, each time. */
import type { House } from '../../src/gatehouse.ts';

/** Does it when the next transaction is about to begin: what its caller saw is from before. */
export function beforeNextWrite({ db }: Pick<House, 'db'>, act: () => Promise<unknown>): void {
  const { write } = db;
  const held: typeof write = async (body) => {
    Object.assign(db, { write });
    await act();
    return write(body);
  };
  Object.assign(db, { write: held });
}
