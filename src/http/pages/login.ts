import type { FastifyReply, FastifyRequest } from 'fastify';
import { password } from '../../identity/factors/password.ts';
import type { ProofRefusal } from '../../identity/factors/prove.ts';
import { findBrowserSessions } from '../../identity/sessions/browser-sessions.ts';
import { signIn } from '../../identity/sign-in.ts';
import { findUserByUsername } from '../../identity/users/users.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isLoginNeeded, loginSituation } from '../../oauth/page-models/interaction.ts';
import { OVER_NOTICES, takeNotice } from './notice.ts';
import { onwardPath } from './onward.ts';
import { browserOf, CARRIED, carriedIn, carriedQuery, type Page, seeOther, showForm } from './page.ts';
import { ownQuery } from './query.ts';
import { answerSignIn, nextOf, signInBrowserOf } from './sign-in-answer.ts';
import { type FormCall, ofOwnForm } from './submission.ts';
import type { PageTools } from './tools.ts';

/** Status by what went wrong; a wrong password is an answer like another. */
const STATUS = { invalid: 200, throttled: 429, busy: 503 } as const;

interface Shown {
  readonly interaction: string | undefined;
  readonly username: string;
  /** Somebody who is signed in signs in as one more. */
  readonly account: 'another' | undefined;
  readonly onward: string | undefined;
  /** Why somebody is here who was elsewhere. */
  readonly notice?: string | undefined;
  readonly problem?: 'invalid' | 'throttled' | 'busy' | 'stale' | 'outdated';
}

/** Asks for username and password. OpenID Connect Core §3.1.2.3 */
export const loginPage: Page = {
  path: '/login',
  query: [...CARRIED, 'account'],

  async show(tools, request, reply) {
    const query = ownQuery(tools, request);
    const { interaction } = query;
    const { onward } = carriedIn(query);
    const account = anotherOf(query.account);
    if (interaction === undefined && account === undefined) {
      const { active, others } = await findBrowserSessions(tools, browserOf(tools, request));
      if (active) return seeOther(tools, reply, onwardPath(onward));
      if (others.length > 0) return seeOther(tools, reply, `/select-account${carriedQuery({ onward })}`);
    }
    const notice = takeNotice(tools, request, reply, OVER_NOTICES);
    return showLogin(tools, request, reply, { interaction, account, onward, notice, username: '' });
  },

  submit: ofOwnForm({
    purpose: (fields) => purposeOf(carriedIn(fields).interaction),
    submit: submitPassword,
    isTakenAllTheSame: isOnceMore,
    refuse: answerOutdated,
  }),
};

async function submitPassword(call: FormCall): Promise<FastifyReply> {
  const { tools, request, reply, fields } = call;
  const { interaction } = carriedIn(fields);
  if (interaction !== undefined) {
    await loginSituation(tools, { interaction, ...browserOf(tools, request) });
  }
  const outcome = await signIn(tools, password, {
    login: fields.username ?? '',
    password: fields.password ?? '',
    ...signInBrowserOf(tools, request),
  });
  if (isRefusal(outcome)) return refuseLogin(tools, request, reply, outcome, shownIn(fields));
  return answerSignIn(call, outcome);
}

/** Another tab signed in or out meanwhile, and with it this form went out of date: nothing is decided by it. */
async function answerOutdated(call: FormCall, refusal: unknown): Promise<FastifyReply> {
  const { tools, request, reply, fields } = call;
  const { interaction, username } = shownIn(fields);
  const isIn = await isSignedInAs(tools, request, username);
  if (isIn && !(await isAskedAgain(tools, request, interaction)))
    return seeOther(tools, reply, nextOf(fields));
  if (!isStale(tools, request)) throw refusal;
  return showLogin(tools, request, reply, { ...shownIn(fields), problem: staleness(refusal) });
}

function shownIn(fields: FormCall['fields']): Shown {
  const { interaction, onward } = carriedIn(fields);
  return { interaction, onward, username: fields.username ?? '', account: anotherOf(fields.account) };
}

function anotherOf(account: string | undefined): 'another' | undefined {
  return account === 'another' ? account : undefined;
}

function purposeOf(interaction: string | undefined): string {
  return `login ${interaction ?? ''}`;
}

/**
 * A form of ours in this browser whose person signed in in another tab meanwhile, and whose app wants them to sign in all
 * the same (prompt=login, max_age): this is that sign-in, so its password is looked at.
 */
async function isOnceMore({ tools, request, fields }: FormCall, fault: OAuthError): Promise<boolean> {
  const { interaction } = carriedIn(fields);
  if (fault.reason !== 'other_session') return false;
  const isIn = await isSignedInAs(tools, request, fields.username ?? '');
  return isIn && isAskedAgain(tools, request, interaction);
}

/** Whether who is signed in would come back to this very page. */
async function isAskedAgain(
  tools: PageTools,
  request: FastifyRequest,
  interaction: string | undefined,
): Promise<boolean> {
  return interaction !== undefined && isLoginNeeded(tools, { interaction, ...browserOf(tools, request) });
}

/** Whether the active account is the one that signs in here: its person, and nobody else, is where they want to be. */
async function isSignedInAs(tools: PageTools, request: FastifyRequest, username: string): Promise<boolean> {
  const { active } = await findBrowserSessions(tools, browserOf(tools, request));
  return active !== undefined && (await findUserByUsername(tools, username))?.sub === active.session.sub;
}

/** A form of ours in this browser, with what it was bound to gone. */
function isStale(tools: PageTools, request: FastifyRequest): boolean {
  return tools.csrf.isFromOwnPage(request) && tools.cookies.read(request, 'browser') !== undefined;
}

/** That somebody signed in or out is said where we know it. */
const staleness = (error: unknown) =>
  error instanceof OAuthError && error.reason === 'other_session' ? 'stale' : 'outdated';

function refuseLogin(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: ProofRefusal,
  shown: Shown,
): Promise<FastifyReply> {
  const problem = refusal.error as keyof typeof STATUS;
  if (problem !== 'invalid') reply.header('retry-after', String(Math.max(1, refusal.retryAfterSeconds)));
  // A072: what is too long to be anybody's password was not looked at.
  reply.code(refusal.reason === 'oversized_credentials' ? 400 : STATUS[problem]);
  return showLogin(tools, request, reply, { ...shown, problem });
}

async function showLogin(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  shown: Shown,
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
      face: situation?.face,
      isSomebodyHinted: situation?.isSomebodyHinted,
      uiLocales: situation?.uiLocales,
    },
    leavesOrigin: true,
  });
}
