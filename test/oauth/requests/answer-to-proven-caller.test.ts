/** An endpoint that did not ask who calls has no answer, at run time either. */
import { expect, it } from 'vitest';
import { callerProven, OPEN_TO_EVERYBODY } from '../../../src/oauth/proof-caller-was-authenticated.ts';
import { type Answer, answerTo, bodyOf } from '../../../src/oauth/requests/answer-to-proven-caller.ts';

it('the body is that of a proven caller, or of what anybody may have', () => {
  const body = { keys: [] };
  expect(bodyOf(answerTo(OPEN_TO_EVERYBODY, body))).toBe(body);
  expect(bodyOf(answerTo(callerProven('access token'), undefined))).toBeUndefined();
});

it('without a caller there is none', () => {
  for (const caller of [{}, { by: 'client authentication' }, JSON.parse(JSON.stringify(OPEN_TO_EVERYBODY))])
    expect(() => bodyOf({ caller, body: 'secret' } as unknown as Answer<string>)).toThrow(
      'without having asked who calls',
    );
  for (const caller of [undefined, null])
    expect(() => bodyOf({ caller, body: 'secret' } as unknown as Answer<string>)).toThrow();
});
