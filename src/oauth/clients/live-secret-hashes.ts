/** The secrets of a client, as hashes; nothing but those that are good at a given time is handed out. */

/** One as it is stored: the hash, and from when it is good no longer, in milliseconds; null: until it is replaced. */
interface StoredSecret {
  readonly secret_hash: string;
  readonly expires_at: number | null;
}

export interface ClientSecrets {
  /** The hashes of those that are good at this time, in milliseconds. */
  live(nowMs: number): readonly string[];
  /** For JSON, by which clients are compared: all of them. */
  toJSON(): unknown;
}

/** Of what is stored, the ended ones among them. */
export function createClientSecrets(rows: readonly StoredSecret[]): ClientSecrets {
  const stored = rows.map(({ secret_hash, expires_at }) => ({ hash: secret_hash, expires_at }));
  return {
    live: (nowMs) =>
      stored.filter(({ expires_at }) => expires_at === null || expires_at > nowMs).map(({ hash }) => hash),
    toJSON: () => stored,
  };
}
