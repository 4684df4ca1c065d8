import { checkRepeated } from '../../parameters.ts';
import { checkClaims } from './claims-and-requested-sub.ts';
import { checkConfirmation } from './code-bound-to-key.ts';
import { checkHint } from './id-token-hint.ts';
import { checkLoginHint } from './login-hint.ts';
import { checkMaxAge } from './max-age.ts';
import { checkNonce } from './nonce-as-sent.ts';
import { checkPkce } from './pkce.ts';
import { checkPrompt } from './prompt.ts';
import { checkResources } from './resource-or-default.ts';
import { checkResponseMode } from './response-mode-of-client.ts';
import { checkResponseType } from './response-type.ts';
import type { Rule } from './rule.ts';
import { checkScope } from './scope-or-default.ts';
import { checkUnsupported } from './unsupported-parameters.ts';
import { checkAcrValues } from './wanted-acr.ts';

/**
 * The rules for a request whose response target is known, in the order of the specification: of two faults, that of the
 * earlier rule is reported. RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1
 */
export const rules: readonly Rule[] = [
  { name: 'repeated', authorize: true, check: ({ parameters }) => checkRepeated(parameters) },
  { name: 'unsupported', authorize: true, check: checkUnsupported },
  { name: 'response_type', authorize: true, check: checkResponseType },
  { name: 'response_mode', authorize: true, check: checkResponseMode },
  { name: 'scope', authorize: true, check: checkScope },
  { name: 'code_challenge', authorize: true, check: checkPkce },
  { name: 'confirmation', authorize: true, check: checkConfirmation },
  { name: 'nonce', authorize: true, check: checkNonce },
  { name: 'resource', authorize: true, check: checkResources },
  { name: 'prompt', authorize: true, check: checkPrompt },
  { name: 'max_age', authorize: true, check: checkMaxAge },
  { name: 'login_hint', authorize: true, check: checkLoginHint },
  { name: 'id_token_hint', authorize: true, check: checkHint },
  { name: 'claims', authorize: true, check: checkClaims },
  { name: 'acr_values', authorize: true, check: checkAcrValues },
];
