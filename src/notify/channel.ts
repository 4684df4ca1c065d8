/** What came of one attempt. `again` and `dead` say why. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'again' | 'dead'; readonly error: string };

/** One way to tell somebody something. */
export interface Channel {
  /** `payload` is the row's JSON, parsed. Throws only by accident, which is tried again. */
  deliver(payload: unknown): Promise<Delivery>;
}
