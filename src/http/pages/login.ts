import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SignInRefusal, signInWithPassword } from '../../identity/sign-in.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { loginSituation } from '../../oauth/requests/interaction.ts';
import { formFields, queryPairs } from '../form.ts';
import { sourceOf } from '../source.ts';
import { checkForm, type Page, type PageTools, seeOther, sessionOf, showForm } from './page.ts';

/** Status by what went wrong; a wrong password is an answer like another. */
const STATUS = { invalid: 200, throttled: 429, busy: 503 } as const;

interface Shown {
  readonly interaction: string | undefined;
  readonly username: string;
  readonly problem?: 'invalid' | 'throttled' | 'busy';
}

/** OpenID Connect Core §3.1.2.3 */
export const loginPage: Page = {
  path: '/login',

  async show(tools, request, reply) {
    const interaction = new Map(queryPairs(request.url)).get('interaction');
    if (interaction === undefined && (await sessionOf(tools, request)))
      return seeOther(tools, reply, '/account');
    return showLogin(tools, request, reply, { interaction, username: '' });
  },

  async submit(tools, request, reply) {
    const fields = formFields(request.body);
    const interaction = fields.interaction || undefined;
    const { username = '', password = '' } = fields;
    checkForm(tools, request, fields, `login ${interaction ?? ''}`);
    if (interaction !== undefined) {
      await loginSituation(tools, { interaction, browser: tools.cookies.read(request, 'browser') });
    }
    const outcome = await signInWithPassword(tools, {
      login: username,
      password,
      source: sourceOf(tools, request),
      sessionCookie: tools.cookies.read(request, 'session'),
      deviceCookie: tools.cookies.read(request, 'device'),
    });
    if (isRefusal(outcome)) return refuseLogin(tools, request, reply, outcome, { interaction, username });
    const { cookieValue, deviceCookie } = outcome;
    tools.cookies.set(reply, 'session', cookieValue);
    tools.cookies.set(reply, 'device', deviceCookie);
    const resume = `/authorize/resume?interaction=${encodeURIComponent(interaction ?? '')}`;
    return seeOther(tools, reply, interaction === undefined ? '/account' : resume);
  },
};

function refuseLogin(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: SignInRefusal,
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
  const browser = tools.cookies.read(request, 'browser');
  const { interaction } = shown;
  const situation =
    interaction === undefined ? undefined : await loginSituation(tools, { interaction, browser });
  const username = shown.username || situation?.login_hint || '';
  return showForm(tools, request, reply, {
    view: 'login',
    purpose: `login ${interaction ?? ''}`,
    data: { ...shown, username, clientName: situation?.clientName },
    leavesOrigin: true,
  });
}
