/** The page of a second factor: what it is beside the view, and how the view's form is read. */
import type { FastifyReply } from 'fastify';
import type { SecondFactor } from '../../identity/factors/factor.ts';
import type { ProofRefusal } from '../../identity/factors/prove.ts';
import { findPendingSignIn, listLackingFactors } from '../../identity/pending-sign-in.ts';
import { submitSecondFactor } from '../../identity/submit-second-factor.ts';
import { isRefusal, type Refusal } from '../../lib/outcome.ts';
import { type LoginSituation, loginSituation } from '../../oauth/page-models/login.ts';
import type { FormCall } from './accept-own-form-or-any-post.ts';
import { browserOf, sessionOf, signInBrowserOf } from './browser-session-cookies.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { type Carried, carriedIn, carriedQuery, interactionIn } from './interaction-in-urls-and-forms.ts';
import { leaveNotice, SESSION_OVER } from './notice-cookie.ts';
import type { Page } from './page.ts';
import { seeOther } from './redirect.ts';
import { answerSignIn } from './redirect-after-proven-factor.ts';
import { showForm } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { pageOfInteraction } from './who-may-open-page.ts';

/** Status by what went wrong; a wrong code is an answer like another. */
const STATUS = { invalid: 200, throttled: 429, busy: 503 } as const;

type Visit = Omit<FormCall, 'fields'>;

interface AskedUser {
  readonly sub: string;
  readonly steps: readonly string[];
}

interface FactorView<Input> {
  /**
   * It is given `interaction`, `client_id`, `onward`, `clientName`, `others`, the steps of the user's other second factors,
   * and `problem`: invalid, throttled or busy.
   */
  readonly view: string;
  /** What else it is given, of the user who is asked. */
  describe?(tools: PageTools, sub: string): Promise<Readonly<Record<string, unknown>>>;
  /** What the factor is given, of the fields of the form. */
  read(fields: FormCall['fields']): Input;
}

/** At the path of the factor's step. Whose sign-in is over, or who never began one, is led to sign in. */
export function secondFactorPage<Input, Found extends object>(
  factor: SecondFactor<Input, Found>,
  { view, describe, read }: FactorView<Input>,
): Page {
  const purposeOf = (interaction: string | undefined) => `${factor.step} ${interaction ?? ''}`;

  async function show(visit: Visit, carried: Carried, problem?: keyof typeof STATUS): Promise<FastifyReply> {
    const { tools, request, reply } = visit;
    const asked = await findAsked(visit);
    if (!asked) return leave(visit, carried);
    const situation = await situationOf(visit, carried);
    const others = asked.steps.filter((step) => step !== factor.step);
    const described = await describe?.(tools, asked.sub);
    const data = { ...described, ...carried, ...shownOf(situation), others, problem };
    return showForm(tools, request, reply, {
      view,
      purpose: purposeOf(carried.interaction),
      data,
      leavesOrigin: true,
    });
  }

  async function submit(call: FormCall): Promise<FastifyReply> {
    const { tools, request, reply, fields } = call;
    const carried = carriedIn(tools, fields);
    await situationOf(call, carried);
    const attempt = { ...read(fields), ...signInBrowserOf(tools, request) };
    const outcome = await submitSecondFactor(tools, factor, attempt);
    if (!isRefusal(outcome)) return answerSignIn(call, outcome);
    if (!isOfProof(outcome)) return leave(call, carried);
    const { error, retryAfterSeconds } = outcome;
    if (error !== 'invalid') reply.header('retry-after', String(Math.max(1, retryAfterSeconds)));
    reply.code(STATUS[error]);
    return show(call, carried, error);
  }

  return pageOfInteraction({
    path: `/${factor.step}`,
    show: (tools, request, reply) =>
      show({ tools, request, reply }, carriedIn(tools, ownQuery(tools, request))),
    form: { purpose: (fields) => purposeOf(interactionIn(fields)), submit },
  });
}

/** Of the app that asks. Throws OAuthError where the interaction is over or another browser's. */
async function situationOf(
  { tools, request }: Visit,
  { interaction }: Carried,
): Promise<LoginSituation | undefined> {
  if (interaction === undefined) return undefined;
  return loginSituation(tools, { interaction, ...browserOf(tools, request) });
}

function shownOf(situation: LoginSituation | undefined) {
  return { clientName: situation?.clientName, uiLocales: situation?.uiLocales };
}

/** The user of the sign-in that is pending in this browser, else of its session, and the steps that they could take. */
async function findAsked({ tools, request }: Visit): Promise<AskedUser | undefined> {
  const { pendingCookie } = signInBrowserOf(tools, request);
  const pending = await findPendingSignIn(tools, pendingCookie);
  const sub = pending?.sub ?? (await sessionOf(tools, request))?.sub;
  if (sub === undefined) return undefined;
  const enrolled = await listLackingFactors(tools.db, sub);
  const possible = enrolled.filter(({ name }) => !pending || pending.lacks.includes(name));
  return { sub, steps: possible.map(({ step }) => step) };
}

const isOfProof = (refusal: ProofRefusal | Refusal<'over'>): refusal is ProofRefusal =>
  refusal.error !== 'over';

function leave({ tools, reply }: Visit, carried: Carried): FastifyReply {
  leaveNotice(tools, reply, SESSION_OVER, 'over');
  return seeOther(tools, reply, `/login${carriedQuery(carried)}`);
}
