/** What a rule of authorization requests is, and what it may find. */
import type { PASSED } from '../../../lib/outcome.ts';
import type { Access } from '../../access/members/access-of-all-members.ts';
import type { Client } from '../../clients/client.ts';
import type { Parameters } from '../../parameters.ts';
import type { Asked, AuthorizationRefusal, CodeTerms } from '../authorization-request-types.ts';
import type { RulesContext } from '../context.ts';

/** The kinds of request that ask for a user's authorization; each is a column of the table. */
export type RequestKind = 'authorize';

/** A request whose client is known, and where its answer goes. */
export interface AddressedRequest {
  readonly context: RulesContext;
  readonly client: Client;
  readonly parameters: Parameters;
}

/** What the rules made of the request; a rule reads what those before it found. */
export interface Findings {
  readonly asked: Asked;
  readonly code: Omit<CodeTerms, 'redirect_uri_sent'>;
}

/** The members of what is asked for that a rule found. */
type FoundAsked = Partial<Omit<Asked, 'access'>> & { readonly access?: Partial<Access> };

/** What a rule found, besides that nothing is wrong. */
export interface Found {
  readonly asked: FoundAsked;
  readonly code: Partial<Findings['code']>;
}

/** That nothing is wrong, alone or with what was found; or what is. */
export type RuleOutcome = typeof PASSED | Found | AuthorizationRefusal;

/** One rule, and to which kinds of request it applies. */
export type Rule<Kind extends string = RequestKind> = Readonly<Record<Kind, boolean>> & {
  readonly name: string;
  check(request: AddressedRequest, findings: Findings): RuleOutcome | Promise<RuleOutcome>;
};

/** The outcome of a rule that passed and found what the request asks for. It replaces members that earlier rules found. */
export function foundAsked(asked: FoundAsked): Found {
  return { asked, code: {} };
}

/**
 * The outcome of a rule that passed and found what the code is bound to: nonce (OpenID Connect Core §3.1.2.1) or
 * code_challenge (RFC 7636 §4.4).
 */
export function foundForCode(code: Found['code']): Found {
  return { asked: {}, code };
}
