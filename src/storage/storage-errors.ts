/** What storage cannot do, by what the operator or the caller can do about it. */

/** The database cannot answer now (locked, full, read-only, lost). HTTP: 503 with Retry-After. */
export class StorageUnavailableError extends Error {
  readonly retryAfterSeconds = 1;
}

/** The database cannot be used at all. `message` says what was seen and what to do. */
export class StorageRefusedError extends Error {}
/** There is no database: nothing was ever stored at the place that the settings name. */
export class StorageMissingError extends StorageRefusedError {}

/** Refused because of something that exists already: a file, rows, a running server. */
export class StorageConflictError extends StorageRefusedError {}
