/** What the gateway asks about each token. For njs, which is a part of JavaScript. RFC 7662, RFC 6750 */
import crypto from 'crypto';

/** RFC 6750 §2.1: from the Authorization header alone; '' where there is none. */
function token(r) {
  const found = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(r.headersIn.Authorization || '');
  return found ? found[1] : '';
}

/** Answers are kept by the hash: the token itself is in no file. */
function tokenHash(r) {
  return crypto.createHash('sha256').update(token(r)).digest('hex');
}

function question(r) {
  return `token=${encodeURIComponent(token(r))}`;
}

/** For auth_request: 204 lets it through; 401 and 403 come with the challenge, and 500 where nobody could say. */
async function check(r) {
  if (token(r) === '') return refuse(r, 401, 'Bearer');
  try {
    const answer = await r.subrequest('/introspect');
    if (answer.status !== 200) throw new Error(`/introspect answered ${answer.status}`);
    decide(r, JSON.parse(answer.responseText));
  } catch (error) {
    r.error(error.message);
    r.return(500);
  }
}

function decide(r, seen) {
  if (!isGood(seen, r.variables.resource)) return refuse(r, 401, 'Bearer error="invalid_token"');
  const scope = r.variables.scope;
  if (String(seen.scope).split(' ').includes(scope)) return r.return(204);
  refuse(r, 403, `Bearer error="insufficient_scope", scope="${scope}"`);
}

/** RFC 7662 §2.2: 200 says only that the question was understood. A kept answer may be older than the token's end. */
function isGood(seen, resource) {
  return seen.active === true && [].concat(seen.aud).includes(resource) && seen.exp > Date.now() / 1000;
}

function refuse(r, status, challenge) {
  r.headersOut['WWW-Authenticate'] = challenge;
  r.return(status);
}

export default { token, tokenHash, question, check };
