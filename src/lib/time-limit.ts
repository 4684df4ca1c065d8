/** Waiting for work for so long and no longer. */

/** What `work` gives; after `limitMs` what `late` gives, or throws. The work itself goes on: nothing here ends it. */
export async function within<Value, Late>(
  limitMs: number,
  work: Promise<Value>,
  late: () => Late,
): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Late>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, limitMs);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}
