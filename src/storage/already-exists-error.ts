import { StorageRefusedError } from './database.ts';

/** Refused because of something that exists already: a file, rows, a running server. */
export class StorageConflictError extends StorageRefusedError {}
