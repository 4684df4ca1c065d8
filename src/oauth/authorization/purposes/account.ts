/** A page of the account that wants a fresh or a stronger sign-in: back to it. ASVS V7.5.3 */
import { OAuthError } from '../../errors.ts';
import { type Asked, type AskedRequest, NOTHING_ASKED } from '../authorization-request.ts';
import { definePurpose, type Outcome } from './purpose.ts';
import { acrNotReached } from './refusals.ts';

/** What a page asks of who wants to see it. */
export interface AccountRequest extends AskedRequest {
  /** Of the page, below the issuer. */
  readonly path: string;
  /** What the page says when they come back. */
  readonly notice?: string | undefined;
}

type Stored = Pick<Asked, 'max_age' | 'acr'> & Pick<AccountRequest, 'path' | 'notice'>;

/** Nothing is spent where it completes: who comes twice is led to their page twice, which asks anew. */
export const account = definePurpose<AccountRequest>({
  name: 'account',
  write: ({ path, notice, asked: { max_age, acr } }) =>
    JSON.stringify({ path, notice, max_age, acr } satisfies Stored),
  read(text) {
    const { path, notice, max_age, acr }: Stored = JSON.parse(text);
    return { request: { path, notice, asked: { ...NOTHING_ASKED, max_age, acr } }, metadata_hash: undefined };
  },
  complete: async ({ situation }) => backTo(situation.request),
  // Whoever comes is asked by the page for what it wants of them.
  denied: ({ situation }) => backTo(situation.request),
  otherUser: ({ situation }) => backTo(situation.request),
  silent: ({ situation }) => backTo(situation.request),
  outOfReach() {
    const { error, reason, description } = acrNotReached();
    throw new OAuthError(error, reason, description, { status: 403 });
  },
});

function backTo({ path, notice }: AccountRequest): Outcome {
  return { kind: 'own_page', path, notice };
}
