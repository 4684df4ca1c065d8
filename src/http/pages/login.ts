import type { FastifyReply, FastifyRequest } from 'fastify';
import { password } from '../../identity/factors/password.ts';
import type { ProofRefusal } from '../../identity/factors/prove.ts';
import { findBrowserSessions } from '../../identity/sessions/several-sessions-in-browser.ts';
import { signIn } from '../../identity/sign-in.ts';
import { findUserByUsername } from '../../identity/users/users.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isLoginNeeded, loginSituation } from '../../oauth/page-models/login.ts';
import type { FormCall } from './accept-own-form-or-any-post.ts';
import { onwardPath } from './account-page-after-sign-in.ts';
import { browserOf, signInBrowserOf } from './browser-session-cookies.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { carriedIn, carriedQuery, interactionIn } from './interaction-in-urls-and-forms.ts';
import { SESSION_OVER, takeNotice } from './notice-cookie.ts';
import { seeOther } from './redirect.ts';
import { answerSignIn, nextOf } from './redirect-after-proven-factor.ts';
import { showForm } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { pageOfInteraction } from './who-may-open-page.ts';

/** The status for each problem; a wrong password is answered 200, with the form. */
const STATUS = { invalid: 200, throttled: 429, busy: 503 } as const;

interface LoginForm {
  readonly interaction: string | undefined;
  readonly username: string;
  /** 'another': the user signs in beside those who are signed in in this browser. */
  readonly account: 'another' | undefined;
  readonly onward: string | undefined;
  /** Why the user was redirected here. */
  readonly notice?: string | undefined;
  readonly problem?: 'invalid' | 'throttled' | 'busy' | 'stale' | 'outdated';
}

/** Asks for username and password. OpenID Connect Core §3.1.2.3 */
export const loginPage = pageOfInteraction({
  path: '/login',
  query: ['account'],
  notices: SESSION_OVER.notices,

  async show(tools, request, reply) {
    const query = ownQuery(tools, request);
    const { interaction } = query;
    const { onward } = carriedIn(tools, query);
    const account = anotherOf(query.account);
    if (interaction === undefined && account === undefined) {
      const { active, others } = await findBrowserSessions(tools, browserOf(tools, request));
      if (active) return seeOther(tools, reply, onwardPath(tools, onward));
      if (others.length > 0) return seeOther(tools, reply, `/select-account${carriedQuery({ onward })}`);
    }
    const notice = takeNotice(tools, request, reply);
    return showLogin(tools, request, reply, { interaction, account, onward, notice, username: '' });
  },

  form: {
    purpose: (fields) => purposeOf(interactionIn(fields)),
    submit: submitPassword,
    isAcceptedDespite: isRepeatedSignIn,
    refuse: answerOutdated,
  },
});

async function submitPassword(call: FormCall): Promise<FastifyReply> {
  const { tools, request, reply, fields } = call;
  const interaction = interactionIn(fields);
  if (interaction !== undefined) {
    await loginSituation(tools, { interaction, ...browserOf(tools, request) });
  }
  const outcome = await signIn(tools, password, {
    login: fields.username ?? '',
    password: fields.password ?? '',
    ...signInBrowserOf(tools, request),
  });
  if (isRefusal(outcome)) return refuseLogin(tools, request, reply, outcome, shownIn(call));
  return answerSignIn(call, outcome);
}

/** Another tab signed in or out meanwhile, so this form is outdated and signs no user in. */
async function answerOutdated(call: FormCall, refusal: unknown): Promise<FastifyReply> {
  const { tools, request, reply } = call;
  const { interaction, username } = shownIn(call);
  const isSignedIn = await isSignedInAs(tools, request, username);
  if (isSignedIn && !(await isAskedAgain(tools, request, interaction)))
    return seeOther(tools, reply, nextOf(call));
  if (!isStale(tools, request)) throw refusal;
  return showLogin(tools, request, reply, { ...shownIn(call), problem: staleProblem(refusal) });
}

function shownIn({ tools, fields }: FormCall): LoginForm {
  const { interaction, onward } = carriedIn(tools, fields);
  return { interaction, onward, username: fields.username ?? '', account: anotherOf(fields.account) };
}

function anotherOf(account: string | undefined): 'another' | undefined {
  return account === 'another' ? account : undefined;
}

function purposeOf(interaction: string | undefined): string {
  return `login ${interaction ?? ''}`;
}

/**
 * Whether the form is ours and of this browser, its user signed in in another tab meanwhile, and the app still requires a
 * sign-in (prompt=login, max_age): this form is that sign-in, so its password is checked.
 */
async function isRepeatedSignIn({ tools, request, fields }: FormCall, fault: OAuthError): Promise<boolean> {
  const interaction = interactionIn(fields);
  if (fault.reason !== 'other_session') return false;
  const isSignedIn = await isSignedInAs(tools, request, fields.username ?? '');
  return isSignedIn && isAskedAgain(tools, request, interaction);
}

/** Whether the authorization would send a user who is signed in back to this page. */
async function isAskedAgain(
  tools: PageTools,
  request: FastifyRequest,
  interaction: string | undefined,
): Promise<boolean> {
  return interaction !== undefined && isLoginNeeded(tools, { interaction, ...browserOf(tools, request) });
}

/** Whether the active session belongs to the user whose name is in the form. */
async function isSignedInAs(tools: PageTools, request: FastifyRequest, username: string): Promise<boolean> {
  const { active } = await findBrowserSessions(tools, browserOf(tools, request));
  return active !== undefined && (await findUserByUsername(tools, username))?.sub === active.session.sub;
}

/** Whether the form comes from our page in this browser, although what its token was bound to has changed. */
function isStale(tools: PageTools, request: FastifyRequest): boolean {
  return tools.csrf.isFromOwnPage(request) && tools.cookies.read(request, 'browser') !== undefined;
}

/** 'stale' says that another sign-in or sign-out is the cause, where that is known. */
const staleProblem = (error: unknown) =>
  error instanceof OAuthError && error.reason === 'other_session' ? 'stale' : 'outdated';

function refuseLogin(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: ProofRefusal,
  shown: LoginForm,
): Promise<FastifyReply> {
  const problem = refusal.error as keyof typeof STATUS;
  if (problem !== 'invalid') reply.header('retry-after', String(Math.max(1, refusal.retryAfterSeconds)));
  // A072: a password above the maximum length was not checked.
  reply.code(refusal.reason === 'oversized_credentials' ? 400 : STATUS[problem]);
  return showLogin(tools, request, reply, { ...shown, problem });
}

async function showLogin(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  shown: LoginForm,
): Promise<FastifyReply> {
  const { interaction } = shown;
  const situation =
    interaction === undefined
      ? undefined
      : await loginSituation(tools, { interaction, ...browserOf(tools, request) });
  const username = shown.username || situation?.username || '';
  return showForm(tools, request, reply, {
    view: 'login',
    purpose: purposeOf(interaction),
    data: {
      ...shown,
      username,
      client_id: situation?.client_id,
      clientName: situation?.clientName,
      shownClient: situation?.shownClient,
      isOtherUserHinted: situation?.isOtherUserHinted,
      uiLocales: situation?.uiLocales,
    },
    leavesOrigin: true,
  });
}
