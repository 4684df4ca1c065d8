/** Resolves after so many milliseconds; the process lives as long. */
export function pause(lastingMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lastingMs));
}
