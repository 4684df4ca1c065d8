/** What is printed of clients, with what the operator should know of them. RFC 7591 §3.2.1 */
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { warnOfClearText } from '../oauth/clients/clear-text.ts';
import { registrationResponse } from '../oauth/clients/information.ts';
import type { Registered } from '../oauth/clients/registered.ts';
import { findClient } from '../storage/tables/clients.ts';
import { type Part, readPart } from './list.ts';
import type { AdminContext } from './noun.ts';
import { Said } from './output-values.ts';

/** A Refusal as it is; otherwise the RFC 7591 response. */
export function answer(
  outcome: Registered | Refusal,
  { client_secret, more }: { readonly client_secret?: string | undefined; readonly more?: object } = {},
): unknown {
  if (isRefusal(outcome)) return outcome;
  const sentences = [warnOfClearText([outcome.client]), adviseOfSecret(client_secret)];
  const said = sentences.filter((sentence) => sentence !== undefined);
  const response = { ...registrationResponse(outcome), ...more };
  return said.length === 0 ? response : new Said(response, said.join('; '));
}

/** RFC 6749 §2.3.1: by Basic it is form-encoded, and libraries that leave that out send another one. */
function adviseOfSecret(client_secret = ''): string | undefined {
  return /[+%]/.test(client_secret)
    ? 'the client_secret has + or %, which some libraries encode by Basic and others do not: both are taken here, but one without them is safer'
    : undefined;
}

/** A client that is gone since has no place: what comes after it is not told from nothing. */
export async function listPart(
  { clients, db }: AdminContext,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Part | Refusal> {
  if (after !== undefined && !(await findClient(db, after))) return unknown(after);
  return readPart({
    limit,
    read: (wanted) => clients.list({ after, limit: wanted }),
    keyOf: ({ client_id }) => client_id,
    value: (rows) => rows.map((client) => registrationResponse({ client })),
    warning: warnOfClearText,
  });
}

/** The refusal `unknown_client`: the command line prints its sentence and exits with 3. */
export function unknown(client_id: string): Refusal {
  return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
}
