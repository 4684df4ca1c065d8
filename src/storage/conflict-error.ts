import { StorageRefusedError } from './database.ts';

/** What is there already stands in the way: a file, rows, a server that runs. */
export class StorageConflictError extends StorageRefusedError {}
