/** The outcome of one attempt; `error` says why it failed. `retry` is tried again, `given_up` is not. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'retry' | 'given_up'; readonly error: string };

/** Delivers the notifications of one kind. */
export interface Channel {
  /** The time for one attempt where it is not that of the outbox; shorter than the lease of a row. */
  readonly limitMs?: number;
  /** `payload` is the parsed JSON of the row. An unexpected error is thrown, and the delivery is retried. */
  deliver(payload: unknown): Promise<Delivery>;
}
