import type { RequestSource } from '../../audit/events.ts';
import type { Pair } from '../parameters.ts';

/** A request that a client makes directly, as plain values. */
export interface BackChannelRequest {
  /** The form body's members, in order, as they were sent. */
  readonly pairs: readonly Pair[];
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly source: RequestSource;
}
