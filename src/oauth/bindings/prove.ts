/** Which keys a request shows, before anything is spent. RFC 9449 §5, RFC 8705 §3 */
import { isRefusal, type Refusal } from '../../lib/outcome.ts';
import type { Confirmation } from '../confirmation-claim.ts';
import type { OAuthErrorCode } from '../errors.ts';
import type { Spendable } from '../spend-jtis.ts';
import type { BindingContext, ShownWith } from './binding.ts';
import { bindings } from './index.ts';
import { hasShownKey, NOT_SHOWN } from './shown-key-evidence.ts';

/** The keys that a request showed, and what is to be spent with it. */
export interface Shown {
  /** undefined where none was shown. */
  readonly confirmation: Confirmation | undefined;
  readonly toSpend: readonly Spendable[];
}

/** Asks every row. What one of them refuses is refused, whatever the others say. */
export async function proveBindings(
  context: BindingContext,
  shown: ShownWith,
): Promise<Shown | Refusal<OAuthErrorCode>> {
  const members: [string, string][] = [];
  const toSpend: Spendable[] = [];
  for (const { name, member, prove } of bindings) {
    const verdict = await prove(context, shown);
    if (verdict === NOT_SHOWN) continue;
    if (isRefusal(verdict)) return verdict;
    if (!hasShownKey(verdict)) throw new Error(`the binding ${name} does not say what was shown`);
    members.push([member, verdict.value]);
    toSpend.push(...verdict.toSpend);
  }
  return { confirmation: members.length === 0 ? undefined : Object.fromEntries(members), toSpend };
}
