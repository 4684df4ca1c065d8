/** The interface of a storage engine: reads, and short writes that resolve after the commit. */

export type Parameter = string | number | null;

export interface Reader {
  /** The first row, or undefined. SQL uses $1, $2, …; the same text runs on every engine. */
  get<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...parameters: readonly Parameter[]): Promise<Row[]>;
}

export interface Tx extends Reader {
  /** Runs a statement. Returns the number of rows that it changed. */
  run(sql: string, ...parameters: readonly Parameter[]): Promise<number>;
  /** Adds an audit event to the commit. It is discarded if this body is rolled back. */
  audit(entry: AuditEntry): void;
  /** Wakes all followers of the database ({@link Database.follow}) after the commit. */
  announceChange?(): Promise<void>;
  /**
   * For a transaction that ends grants; called before it reads anything. After some attempts that conflicted with grants
   * made meanwhile, it locks the table: no other transaction creates or changes a grant until this one ends. The same for
   * other tables with many concurrent inserts. Only engines with concurrent writers have it.
   */
  lockTableOnRetry?(table?: LockableTable): Promise<void>;
}

export type LockableTable = 'grants' | 'clients' | 'throttles';

/** An audit event. The events of one commit share a row (tables/audit-log.ts). */
export interface AuditEntry {
  /** Time-ordered and unique. A row has the key of its last event. */
  readonly key: string;
  /** JSON object. */
  readonly event: string;
  /** Called once, after the commit. */
  readonly committed?: () => void;
}

export interface Following {
  close(): Promise<void>;
}

export interface Database extends Reader {
  /**
   * Runs a short transaction. The body awaits only `tx`, and if it does much, a turn of the event loop. Resolves after the
   * commit; a thrown error rolls back only this body. Throws {@link StorageUnavailableError} if the engine cannot write now.
   */
  write<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** All reads of the body see the database at one moment; writers continue. */
  snapshot<Result>(body: (reader: Reader) => Promise<Result>): Promise<Result>;
  /** Prevents every other process from migrating until this transaction ends. */
  lockSchema(tx: Tx): Promise<void>;
  /**
   * Reads the state again whenever another process announces a change, and passes it to `tell` within 1 s of the commit.
   * Passes undefined when this process makes a change itself, or the database stops answering, until the state is known
   * again: meanwhile callers must read it. Only engines where a read each time costs more have it.
   */
  follow?<State>(
    read: (reader: Reader) => Promise<State>,
    tell: (state: State | undefined) => void,
  ): Following;
  /** For readiness. Throws {@link StorageUnavailableError} if a write now would not be kept. */
  checkWritable(): Promise<void>;
  /** The engine's settings and integrity, for `doctor` and `database check`. No findings: no problem. */
  inspect(): Promise<Inspection>;
  close(): Promise<void>;
}

export interface Inspection {
  readonly engine: string;
  readonly settings: Readonly<Record<string, string | number>>;
  /** One sentence for each problem. */
  readonly findings: readonly string[];
}
