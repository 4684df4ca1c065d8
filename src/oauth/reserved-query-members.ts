/** Query members that a registered URI must not have: what it holds would be taken for an answer of ours. */

/** RFC 6749 §4.1.2, §4.2.2, RFC 9207 §2, JARM §2.3, OpenID Connect Session Management §2 */
const OF_ANSWERS = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'response',
  'session_state',
  'id_token',
  'access_token',
];

/** Where an authorization response or a signed-out browser is sent to: the member that it must not have itself. */
export function findAnswerMember(uri: string): string | undefined {
  return findMember(uri, OF_ANSWERS);
}

/** Front-Channel Logout §2: the same of a page that is told of a sign-out. */
export function findLogoutMember(uri: string): string | undefined {
  return findMember(uri, ['iss', 'sid']);
}

function findMember(uri: string, reserved: readonly string[]): string | undefined {
  const start = uri.indexOf('?');
  if (start < 0) return undefined;
  const names = uri
    .slice(start + 1)
    .split(/[#;]/)
    .flatMap((part) => [...new URLSearchParams(part).keys()]);
  return names.map(asRead).find((name) => reserved.includes(name));
}

/**
 * As the most forgiving of apps' frameworks read a name: PHP drops blanks before it and takes dots and blanks in it for
 * underscores, PHP, Rack and qs read `code[]` as code, Rack 2 also `]code` and `[[code]]`, ASP.NET looks at no case.
 */
function asRead(name: string): string {
  const [plain = ''] = name
    .trim()
    .replace(/^[[\]]+/, '')
    .split(/[[\]\0]/, 1);
  return plain.toLowerCase().replace(/[ .]/g, '_');
}
