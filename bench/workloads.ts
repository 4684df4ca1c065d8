/** The eight kinds of work. What a connection needs is prepared before the measured time. */
import type { Connection } from './connection.ts';
import { requestText } from './connection.ts';
import { askToken, authorizeText, basic, codeFlow, hostOf, type Tokens } from './flows.ts';
import type { Subject } from './subject.ts';
import { expectStatus, type Operation, type Workload } from './workload.ts';

const TOKENS_PER_CONNECTION = 4;

const clientCredentials: Workload = {
  name: 'client_credentials',
  async prepare(subject, connections) {
    const form = { grant_type: 'client_credentials', scope: 'read' };
    const text = requestText(hostOf(subject), {
      method: 'POST',
      path: subject.paths.token,
      headers: basic(subject),
      form,
    });
    return repeat(connections, text, 200);
  },
};

const code: Workload = {
  name: 'code flow',
  async prepare(subject, connections) {
    const { app } = subject;
    const authorize = authorizeText(subject, app, 'openid');
    return connections.map((connection) => async () => {
      const { id_token } = await codeFlow(subject, connection, authorize, app);
      if (id_token === undefined) throw new Error('no ID token');
    });
  },
};

const refresh: Workload = {
  name: 'refresh',
  async prepare(subject, connections) {
    const { app } = subject;
    const { client_id } = app;
    const authorize = authorizeText(subject, app, 'openid');
    return Promise.all(
      connections.map(async (connection): Promise<Operation> => {
        let { refresh_token } = await codeFlow(subject, connection, authorize, app);
        return async () => {
          if (refresh_token === undefined) throw new Error('no refresh token');
          const form = { grant_type: 'refresh_token', client_id, refresh_token };
          const before = refresh_token;
          ({ refresh_token } = await askToken(subject, connection, form));
          if (refresh_token === before) throw new Error('the refresh token was not rotated');
        };
      }),
    );
  },
};

const introspection: Workload = {
  name: 'introspection',
  async prepare(subject, connections) {
    return Promise.all(
      connections.map(async (connection) => {
        const texts = (await userTokens(subject, connection)).map(({ access_token }) =>
          requestText(hostOf(subject), {
            method: 'POST',
            path: subject.paths.introspect,
            headers: basic(subject),
            form: { token: access_token },
          }),
        );
        return inTurn(connection, texts, (body) => body.includes('"active":true'));
      }),
    );
  },
};

const userinfo: Workload = {
  name: 'userinfo',
  async prepare(subject, connections) {
    return Promise.all(
      connections.map(async (connection) => {
        const texts = (await userTokens(subject, connection)).map(({ access_token }) =>
          requestText(hostOf(subject), {
            method: 'GET',
            path: subject.paths.userinfo,
            headers: { authorization: `Bearer ${access_token}` },
          }),
        );
        return inTurn(connection, texts, (body) => body.includes('"sub"'));
      }),
    );
  },
};

/** How many values are prepared for each second and connection; a faster server is measured for a shorter time. */
const REVOCATIONS_PER_CONNECTION = 3000;
const REVOCATIONS_PER_SECOND = 12_000;

/** An app that signs its user out: the refresh token, and with it the grant. RFC 7009 §2.1 */
const revocation: Workload = {
  name: 'revocation',
  isFinite: true,
  async prepare(subject, connections, { seconds, concurrency }) {
    const most = subject.revocationsPerSecond ?? REVOCATIONS_PER_SECOND;
    const count = Math.ceil(seconds * Math.min(REVOCATIONS_PER_CONNECTION, most / concurrency));
    return Promise.all(
      connections.map(async (connection): Promise<Operation> => {
        const texts: string[] = [];
        for (const { refresh_token } of await userTokens(subject, connection, count)) {
          if (refresh_token === undefined) throw new Error('no refresh token');
          texts.push(
            requestText(hostOf(subject), {
              method: 'POST',
              path: subject.paths.revoke,
              headers: basic(subject),
              form: { token: refresh_token, token_type_hint: 'refresh_token' },
            }),
          );
        }
        return async () => {
          const text = texts.pop();
          if (text === undefined) return 'exhausted';
          expectStatus(await connection.send(text), 200);
          return undefined;
        };
      }),
    );
  },
};

const discovery: Workload = {
  name: 'discovery',
  async prepare(subject, connections) {
    return repeat(
      connections,
      requestText(hostOf(subject), { method: 'GET', path: subject.paths.discovery }),
      200,
    );
  },
};

export const workloads: readonly Workload[] = [
  clientCredentials,
  code,
  refresh,
  introspection,
  revocation,
  discovery,
  userinfo,
];

function repeat(connections: readonly Connection[], text: string, status: number): Operation[] {
  return connections.map((connection) => async () => {
    expectStatus(await connection.send(text), status);
  });
}

function inTurn(
  connection: Connection,
  texts: readonly string[],
  isRight: (body: string) => boolean,
): Operation {
  let turn = 0;
  return async () => {
    turn = (turn + 1) % texts.length;
    const { body } = expectStatus(await connection.send(texts[turn] as string), 200);
    if (!isRight(body)) throw new Error(`not the answer that was expected: ${body}`);
  };
}

/** Tokens of a user, issued to the confidential client. */
async function userTokens(
  subject: Subject,
  connection: Connection,
  count = TOKENS_PER_CONNECTION,
): Promise<Tokens[]> {
  const tokens: Tokens[] = [];
  while (tokens.length < count) {
    const cookie = (await subject.newSession?.()) ?? subject.cookie;
    const authorize = authorizeText({ ...subject, cookie }, subject.web, 'openid');
    tokens.push(await prepared(() => codeFlow(subject, connection, authorize, subject.web, basic(subject))));
  }
  return tokens;
}

/** Before the measured time, a request that is answered with 503 is sent again. */
async function prepared<Result>(prepare: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await prepare();
    } catch (error) {
      if (attempt === 3 || !String(error).includes('status 503')) throw error;
    }
  }
}
