/**
 * Whose POST a page takes. A page cannot be given a bare handler, which would take everybody's by saying nothing: a
 * submission is made here alone.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OAuthError } from '../../oauth/errors.ts';
import { formFields } from '../form.ts';
import { checkForm, formFault } from './form-check.ts';
import type { PageTools } from './tools.ts';

declare const isSubmission: unique symbol;

type Handler = (tools: PageTools, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Decides and redirects by 303 (RFC 9700 §4.12). Made by {@link ofOwnForm} and {@link fromAnywhere} alone. */
export type Submission = Handler & { readonly [isSubmission]: true };

/** One POST, with the fields of its form. */
export interface FormCall {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly fields: Readonly<Record<string, string>>;
}

export interface OwnForm {
  /** What the form was shown for. */
  purpose(fields: Readonly<Record<string, string>>): string;
  submit(call: FormCall): Promise<FastifyReply>;
  /** Whether it is taken in spite of the fault. */
  isTakenAllTheSame?(call: FormCall, fault: OAuthError): Promise<boolean>;
  /** Answers one that is not taken; or throws `refusal`, as where there is no such answer. */
  refuse?(call: FormCall, refusal: unknown): Promise<FastifyReply>;
}

/** Takes the form that we showed to this browser, and nothing else. */
export function ofOwnForm(form: OwnForm): Submission {
  const handle: Handler = async (tools, request, reply) => {
    const call = { tools, request, reply, fields: formFields(request.body) };
    const purpose = form.purpose(call.fields);
    try {
      const fault = formFault(tools, request, call.fields, purpose);
      if (!fault || !(await form.isTakenAllTheSame?.(call, fault)))
        checkForm(tools, request, call.fields, purpose);
    } catch (refusal) {
      if (!form.refuse) throw refusal;
      return form.refuse(call, refusal);
    }
    return form.submit(call);
  };
  return handle as Submission;
}

/** For a POST that need not be of our own form, or whose page asks for that itself where it must be. */
export function fromAnywhere(handle: Handler): Submission {
  return handle as Submission;
}
