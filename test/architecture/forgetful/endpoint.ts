/** An endpoint that forgets to ask who calls, beside one that does not. Compiled by ../forgetful.test.ts. */
import { defineEndpoint } from '../../../src/http/endpoints/endpoint.ts';
import { authenticate } from '../../../src/oauth/clients/authentication/authenticate.ts';
import { asClient, settle } from '../../../src/oauth/clients/authentication/run-as-client-spending-jtis.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { parseParameters } from '../../../src/oauth/parameters.ts';
import {
  type Caller,
  callerProven,
  OPEN_TO_EVERYBODY,
} from '../../../src/oauth/proof-caller-was-authenticated.ts';
import { answerTo } from '../../../src/oauth/requests/answer-to-proven-caller.ts';

const shape = {
  path: '/toy',
  methods: ['POST'],
  cors: 'none',
  send: (reply, body) => reply.send(body),
} satisfies Partial<Parameters<typeof defineEndpoint>[0]>;

export const careful = defineEndpoint({
  ...shape,
  ask(context, request) {
    const attempt = { parameters: parseParameters(request.pairs), request };
    return asClient(context, attempt, async (client) => answerTo(await settle(context, client), {}));
  },
});

export const forEverybody = defineEndpoint({ ...shape, ask: async () => answerTo(OPEN_TO_EVERYBODY, {}) });

export const asksNobody = defineEndpoint({
  ...shape,
  // refused: TS2322
  ask: async () => ({ body: {} }),
});

export const silent = defineEndpoint({
  ...shape,
  // refused: TS2322
  ask: async () => {},
});

export const answersNobody = defineEndpoint({
  ...shape,
  // refused: TS2345
  ask: async () => answerTo(undefined, {}),
});

export const forgetsToSpend = defineEndpoint({
  ...shape,
  async ask(context, request) {
    const client = await authenticate(context, { parameters: parseParameters(request.pairs), request });
    // refused: TS2739
    return answerTo(client, {});
  },
});

export function takesTheClientsWord(client: Client) {
  // refused: TS2739
  return answerTo(client, {});
}

export function isItsOwnCaller(): Caller {
  // refused: TS2741
  return { by: 'access token' };
}

// refused: TS2345
export const provenByNothing = callerProven('nothing');
