import type { FastifyReply } from 'fastify';
import {
  beginEnrolment,
  cancelEnrolment,
  findEnrolledAt,
  findEnrolmentSeed,
  finishEnrolment,
  removeTotp,
} from '../../../identity/second-factors/change-totp.ts';
import { isRefusal } from '../../../lib/outcome.ts';
import { WHERE_ENROLLED } from '../../../oauth/page-models/account-page-step-up.ts';
import { authenticatorSetup } from '../../../oauth/page-models/authenticator-setup.ts';
import { sourceOf } from '../../request-source.ts';
import { seeOther } from '../redirect.ts';
import { NOTHING_MORE, type SignedInCall, signedInPage } from './make-signed-in-page.ts';

const PATH = '/account/totp';

type Notice = 'enrolled' | 'removed' | 'over';
type Call = SignedInCall<Notice>;

/** An authenticator app as a second factor: set up, replaced, removed. ASVS V6.3.3, V7.5.1 */
export const authenticatorPage = signedInPage(PATH, {
  linkedAs: 'authenticator.heading',
  notices: ['enrolled', 'removed', 'over'],
  // Whoever has a second factor proves it, for which a stolen session or password is not enough.
  needs: { maxAgeSeconds: 300, secondFactor: WHERE_ENROLLED },
  needsForSubmit: NOTHING_MORE,
  show: (call) => showState(call),
  submit: (call) => (ACTS.get(call.fields.act ?? '') ?? again)(call),
});

/** What the form asks for; by the value of the button. */
const ACTS: ReadonlyMap<string, (call: Call) => Promise<FastifyReply>> = new Map([
  ['begin', begin],
  ['cancel', cancel],
  ['finish', finish],
  ['remove', remove],
]);

async function showState(call: Call, problem?: 'wrong'): Promise<FastifyReply> {
  const { tools, session, user, fields, show } = call;
  const seed = await findEnrolmentSeed(tools, session);
  const { issuer } = tools.settings;
  const enrolledAt = await findEnrolledAt(tools, session.sub);
  return show('account/totp', {
    problem,
    setup: seed && authenticatorSetup(seed, { issuer, username: user.username }),
    enrolledAt: enrolledAt && new Date(enrolledAt).toISOString(),
    endsOthers: problem === undefined || fields.end_other_sessions !== undefined,
  });
}

async function begin(call: Call): Promise<FastifyReply> {
  const outcome = await beginEnrolment(call.tools, call.session);
  return isRefusal(outcome) ? refused(call, outcome.error) : again(call);
}

async function cancel(call: Call): Promise<FastifyReply> {
  await cancelEnrolment(call.tools, call.session);
  return again(call);
}

async function finish(call: Call): Promise<FastifyReply> {
  const { tools, reply, fields, show, backWith } = call;
  const outcome = await finishEnrolment(tools, { ...changeOf(call), code: fields.code ?? '' });
  if (isRefusal(outcome)) return refused(call, outcome.error);
  tools.cookies.set(reply, 'session', outcome.cookieValue);
  const { recoveryCodes: codes } = outcome;
  if (codes.length === 0) return backWith('enrolled');
  return show('account/new-recovery-codes', { codes: codes.join('\n'), isFirst: true, isOnce: true });
}

async function remove(call: Call): Promise<FastifyReply> {
  const outcome = await removeTotp(call.tools, changeOf(call));
  if (isRefusal(outcome)) return refused(call, outcome.error);
  return outcome.removed ? call.backWith('removed') : again(call);
}

/** `weak`: a second factor was enrolled elsewhere meanwhile; the page asks for it when it is shown again. */
async function refused(call: Call, error: 'over' | 'weak' | 'expired' | 'wrong'): Promise<FastifyReply> {
  if (error === 'over') return call.leave();
  if (error === 'wrong') return showState(call, 'wrong');
  return error === 'expired' ? call.backWith('over') : again(call);
}

function changeOf({ tools, request, session, fields }: Call) {
  const endOtherSessions = fields.end_other_sessions !== undefined;
  return { session, endOtherSessions, source: sourceOf(tools, request) };
}

async function again({ tools, reply }: Call): Promise<FastifyReply> {
  return seeOther(tools, reply, PATH);
}
