/** What a machine endpoint answers, and to whom. */
import { type Caller, isCallerProven } from '../proof-caller-was-authenticated.ts';

declare const isAnswer: unique symbol;

/** Made by {@link answerTo} alone: an endpoint that did not ask who calls has none. */
export interface Answer<Body> {
  readonly [isAnswer]: true;
  readonly caller: Caller;
  readonly body: Body;
}

/** The answer to a caller that was proven. */
export function answerTo<Body>(caller: Caller, body: Body): Answer<Body> {
  return { caller, body } as Answer<Body>;
}

/** The body that may be sent. Throws where no caller was proven: this is checked at run time too. */
export function bodyOf<Body>({ caller, body }: Answer<Body>): Body {
  if (!isCallerProven(caller)) throw new Error('an endpoint answers without having asked who calls');
  return body;
}
