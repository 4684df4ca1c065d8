import type { ResponseMode } from './mode.ts';

/** OAuth 2.0 Multiple Response Types §2.1: where an app in the browser asks for it, so that no server sees the code. */
export const fragment = {
  name: 'fragment',
  respond(redirect_uri, parameters) {
    const sent = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
    return { kind: 'redirect', location: `${redirect_uri}#${sent}` };
  },
} satisfies ResponseMode;
