/**
 * Objects of better-sqlite3 that must outlive every garbage collection: since Node 24.19 the process aborts when one
 * of version 12 is collected ("Assertion failed: (env) != nullptr"; version 13 has no such objects and needs Node 22).
 */
const pinned = new Set<object>();

/** Keeps the object until the process ends, and returns it. */
export function pin<Native extends object>(native: Native): Native {
  pinned.add(native);
  return native;
}
