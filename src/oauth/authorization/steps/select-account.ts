import { isFreshLogin } from './login.ts';
import { ANOTHER_ACCOUNT, selection, selectionIn } from './read-selected-account.ts';
import { NOTHING_NEEDED, needed, type PersonStep } from './step.ts';

/** OpenID Connect Core §3.1.2.1 prompt=select_account; where no user is signed in there is nothing to select from. */
export const selectAccount: PersonStep<{ sub: string }> = {
  ...selection,
  about: 'person',
  page: 'select-account',
  errorWhenSilent: 'account_selection_required',
  reasons: ['no_active_account', 'prompt_select_account'],
  needed(situation) {
    const { session, otherAccounts, request, done } = situation;
    const selected = selectionIn(done);
    if (isFreshLogin(situation) || selected === ANOTHER_ACCOUNT) return NOTHING_NEEDED;
    // A hinted user who is not signed in here has to sign in: the step login.
    if (!session && (otherAccounts === 0 || request.asked.hinted_sub !== undefined)) return NOTHING_NEEDED;
    if (!session) return needed('no_active_account');
    if (!request.asked.prompt.includes('select_account') || selected === session.sub) return NOTHING_NEEDED;
    return needed('prompt_select_account');
  },
};
