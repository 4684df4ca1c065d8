/**
 * Which POST requests a page accepts. A page cannot be given a bare handler, which would accept them from any site by
 * default: a submission is made only here.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PASSED } from '../../lib/outcome.ts';
import type { OAuthError } from '../../oauth/errors.ts';
import { formFields } from '../form-body.ts';
import { checkForm, checkOwnForm } from './check-own-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';

declare const isSubmission: unique symbol;

type Handler = (tools: PageTools, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Handles a POST and redirects by 303 (RFC 9700 §4.12). Made only by {@link ofOwnForm} and {@link fromAnywhere}. */
export type Submission = Handler & { readonly [isSubmission]: true };

/** One POST, with the fields of its form. */
export interface FormCall {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly fields: Readonly<Record<string, string>>;
}

export interface OwnForm {
  /** The purpose that the token of the form was bound to. */
  purpose(fields: Readonly<Record<string, string>>): string;
  submit(call: FormCall): Promise<FastifyReply>;
  /** Whether the form is accepted despite the fault. */
  isAcceptedDespite?(call: FormCall, fault: OAuthError): Promise<boolean>;
  /** Answers a form that is refused, or throws `refusal`, which is thrown by default. */
  refuse?(call: FormCall, refusal: unknown): Promise<FastifyReply>;
}

/** Accepts only the form that we showed to this browser. */
export function ofOwnForm(form: OwnForm): Submission {
  const handle: Handler = async (tools, request, reply) => {
    const call = { tools, request, reply, fields: formFields(request.body) };
    const purpose = form.purpose(call.fields);
    try {
      const fault = checkOwnForm(tools, request, call.fields, purpose);
      if (fault === PASSED || !(await form.isAcceptedDespite?.(call, fault)))
        checkForm(tools, request, call.fields, purpose);
    } catch (refusal) {
      if (!form.refuse) throw refusal;
      return form.refuse(call, refusal);
    }
    return form.submit(call);
  };
  return handle as Submission;
}

/** For a POST that need not come from our own form, or whose page checks the form itself where it must. */
export function fromAnywhere(handle: Handler): Submission {
  return handle as Submission;
}
