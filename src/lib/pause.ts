/** Resolves after this many milliseconds; the process does not exit before. */
export function pause(lastingMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lastingMs));
}
