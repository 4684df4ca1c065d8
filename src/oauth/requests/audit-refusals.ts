/** Every refusal of a machine endpoint is recorded, within the limit of audit events for each address. */
import type { RefusalType } from '../../audit/count-refusals.ts';
import type { RequestSource } from '../../audit/request-source.ts';
import type { OAuthContext } from '../context.ts';
import { isOrdinary, OAuthError } from '../errors.ts';

/** What is known of the request so far. */
export interface Known {
  /** The client that was authenticated. */
  client_id?: string;
  details?: Readonly<Record<string, string>>;
}

/**
 * Does the work, which fills in `known`. A refusal that was not recorded where it was decided is recorded here, with its
 * client; an ordinary answer (`isOrdinary`) is not recorded.
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
