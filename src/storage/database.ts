/** What the rest of the code knows of an engine: reads, and short writes that are answered after the commit. */

export type Parameter = string | number | null;

export interface Reader {
  /** The first row, or undefined. SQL uses $1, $2, …; the same text runs on every engine. */
  get<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row[]>;
}

export interface Tx extends Reader {
  /** Runs a statement and gives the number of rows that it changed. */
  run(sql: string, ...parameters: readonly Parameter[]): Promise<number>;
  /** Remembers an audit event with the commit; it is gone where this body rolls back. */
  audit(entry: AuditEntry): void;
  /** Wakes everyone who follows the database ({@link Database.follow}), where this commits. */
  announceChange?(): Promise<void>;
  /**
   * For what ends grants, before it reads anything: where it was tried in vain some times, as grants were made all the
   * while, nobody makes or changes one until this ends. The same for other rows that many make at once. Only where writers
   * overlap.
   */
  insist?(table?: InsistedTable): Promise<void>;
}

export type InsistedTable = 'grants' | 'clients' | 'throttles';

/** An audit event. Those of one commit share a row (tables/audit.ts). */
export interface AuditEntry {
  /** Time-ordered and unique; a row has the key of its last event. */
  readonly key: string;
  /** JSON object. */
  readonly event: string;
  /** Told once, when it is committed. */
  readonly committed?: () => void;
}

export interface Following {
  close(): Promise<void>;
}

export interface Database extends Reader {
  /**
   * Runs a short transaction that awaits nothing but `tx`, and where it does much a turn of the event loop. Resolves after
   * the commit; a thrown error rolls back this body alone. Throws {@link StorageUnavailableError} where the engine cannot take it now.
   */
  write<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Every read of the body sees the database as it is at one moment; writers go on. */
  snapshot<Result>(body: (reader: Reader) => Promise<Result>): Promise<Result>;
  /** Keeps every other process from migrating until this transaction ends. */
  lockSchema(tx: Tx): Promise<void>;
  /**
   * Reads again whenever another process announced a change, and tells what it read, within 1 s of the commit; tells
   * undefined from when this process changes something itself, or the database falls silent, until it is known again:
   * whoever needs it meanwhile reads it. Only where asking each time costs more than that.
   */
  follow?<State>(
    read: (reader: Reader) => Promise<State>,
    tell: (state: State | undefined) => void,
  ): Following;
  /** For readiness. Throws {@link StorageUnavailableError} where what is written now would not be kept. */
  checkWritable(): Promise<void>;
  /** The engine's settings and integrity, for `doctor` and `database check`. Empty findings are good news. */
  inspect(): Promise<Inspection>;
  close(): Promise<void>;
}

export interface Inspection {
  readonly engine: string;
  readonly settings: Readonly<Record<string, string | number>>;
  /** One sentence for each thing that is wrong. */
  readonly findings: readonly string[];
}

/** The storage cannot answer now (locked, full, read-only, lost). HTTP: 503 with Retry-After. */
export class StorageUnavailableError extends Error {
  readonly retryAfterSeconds = 1;
}

/** The database cannot be used at all; `message` says what was seen and what to do. */
export class StorageRefusedError extends Error {}

/** There is none: nothing was ever kept where the settings say. */
export class StorageMissingError extends StorageRefusedError {}
