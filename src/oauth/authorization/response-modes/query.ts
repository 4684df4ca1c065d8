import type { ResponseMode } from './mode.ts';

/** RFC 6749 §4.1.2; a registered query is kept (§3.1.2). */
export const query = {
  name: 'query',
  respond(redirect_uri, parameters) {
    const separator = redirect_uri.includes('?') ? '&' : '?';
    const sent = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
    return { kind: 'redirect', location: `${redirect_uri}${separator}${sent}` };
  },
} satisfies ResponseMode;
