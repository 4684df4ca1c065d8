/** Back to a page of the account, after the fresh or stronger sign-in that it needs. ASVS V7.5.3 */
import { OAuthError } from '../../errors.ts';
import { type Asked, type AskedRequest, NOTHING_ASKED } from '../authorization-request-types.ts';
import { definePurpose, type Outcome } from './purpose.ts';
import { acrNotReached } from './refusals-of-uncompleted-authorization.ts';

/** What a page needs of the user who opens it. */
export interface AccountRequest extends AskedRequest {
  /** Of the page, below the issuer. */
  readonly path: string;
  /** What the page says when the user is back. */
  readonly notice?: string | undefined;
}

type Stored = Pick<Asked, 'max_age' | 'acr'> & Pick<AccountRequest, 'path' | 'notice'>;

/** Completing it spends nothing: completed twice, it leads to the page twice, which checks its needs each time. */
export const account = definePurpose<AccountRequest>({
  name: 'account',
  write: ({ path, notice, asked: { max_age, acr } }) =>
    JSON.stringify({ path, notice, max_age, acr } satisfies Stored),
  read(text) {
    const { path, notice, max_age, acr }: Stored = JSON.parse(text);
    return { request: { path, notice, asked: { ...NOTHING_ASKED, max_age, acr } }, metadata_hash: undefined };
  },
  complete: async ({ situation }) => backTo(situation.request),
  // Each of these ends leads back to the page, which checks its needs again.
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
