/** Waits for work until a time limit. */

/** The result of `work`, or after `limitMs` the result of `late`, which may throw. The work itself is not cancelled. */
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
