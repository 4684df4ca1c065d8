/** How a refusal of client metadata is written. RFC 7591 §3.2.2 */
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';

/** `invalid_client_metadata` with a sentence for the developer. */
export function invalidMetadata(reason: Reason, description: string): MetadataRefusal {
  return refuse('invalid_client_metadata', reason, description);
}

/** What was sent, in quotes, at most 200 characters of it. */
export function shownValue(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

export type MetadataRefusal = Refusal<'invalid_redirect_uri' | 'invalid_client_metadata'>;
