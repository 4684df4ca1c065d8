/** The end of a turn of the event loop, in which every request that had arrived has been looked at. */

let end: Promise<void> | undefined;

/** Resolves for everybody who waits in this turn at once, one after the other. */
export function endOfTurn(): Promise<void> {
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      end = undefined;
      resolve();
    });
  });
  return end;
}
