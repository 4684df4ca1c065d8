/** Every refusal of a machine endpoint is remembered, as far as one address may fill the audit. */

import type { RefusalType } from '../../audit/count-refusals.ts';
import type { RequestSource } from '../../audit/events.ts';
import type { OAuthContext } from '../context.ts';
import { isOrdinary, OAuthError } from '../errors.ts';

/** What is known of the request by now. */
export interface Known {
  /** The client that was authenticated. */
  client_id?: string;
  details?: Readonly<Record<string, string>>;
}

/**
 * Does the work, which fills in what it learns. A refusal that was not recorded where it was decided is recorded here,
 * and says whom it is about; an ordinary answer is not.
 */
export async function recordRefusals<Result>(
  { audit }: Pick<OAuthContext, 'audit'>,
  refusal: { readonly type: RefusalType; readonly source: RequestSource },
  work: (known: Known) => Promise<Result>,
): Promise<Result> {
  const known: Known = {};
  try {
    return await work(known);
  } catch (error) {
    if (!(error instanceof OAuthError) || error.isRecorded) throw error;
    if (known.client_id !== undefined) error.about = { client_id: known.client_id, ...error.about };
    if (isOrdinary(error.error)) throw error;
    error.isRecorded = true;
    const { client_id, ...compared } = error.about ?? {};
    const details = { ...known.details, ...compared };
    const hasDetails = Object.keys(details).length > 0;
    audit.refused({ ...refusal, reason: error.reason, client_id, ...(hasDetails && { details }) });
    throw error;
  }
}
