import { PASSED, refuse } from '../../../lib/outcome.ts';
import { subjectOfIdToken } from '../../tokens/id-token-hint.ts';
import { type AddressedRequest, foundAsked, type RuleOutcome } from './rule.ts';

/** OpenID Connect Core §3.1.2.1 id_token_hint: a token of ours, expired or not. */
export async function checkHint({ context, parameters }: AddressedRequest): Promise<RuleOutcome> {
  const id_token_hint = parameters.get('id_token_hint');
  if (id_token_hint === undefined) return PASSED;
  const hinted_sub = await subjectOfIdToken(context, id_token_hint);
  if (hinted_sub !== undefined) return foundAsked({ hinted_sub });
  return refuse(
    'invalid_request',
    'foreign_id_token_hint',
    'id_token_hint is not an ID token of this issuer',
  );
}
