/** Where the issuer answers 404 to the doctor. */
import { type Finding, warn } from './check.ts';

export const NOT_FOUND = 404;

/** For endpoints that answer 404 to requests without a proof of the master key. */
export function warnNotFound(url: string): Finding {
  return warn(
    `${url} is not known`,
    'start the server anew: it is older than this command, has another master key, or its clock is another',
  );
}
