/** The Content-Security-Policy of each kind of answer. */
export const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/** The policy of answers that are not pages. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/**
 * A page's policy. Under form-action Chromium blocks the redirect from a form to the client, so pages whose answer leaves our
 * origin omit it (measured).
 */
export function pagePolicy(options: { leavesOrigin: boolean }): string {
  return options.leavesOrigin ? POLICY : `${POLICY}; form-action 'self'`;
}

/** A source of a policy that matches exactly one origin. */
const SINGLE_ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/;

/** The policy of the page that loads the front-channel logout URIs of apps in frames, and then redirects to one of the apps. */
export function framesPolicy(frames: readonly string[]): string {
  const origins = frames.map((frame) => new URL(frame).origin).filter((origin) => SINGLE_ORIGIN.test(origin));
  return `${POLICY}; frame-src ${origins.length === 0 ? "'none'" : [...new Set(origins)].join(' ')}`;
}
