/** A master key that looks like something else, such as the path of its file. */
import { existsSync } from 'node:fs';

/** Base64 may begin with a slash too, but does not continue with a known folder. */
const PATH = /^(?:\.{0,2}\/|~\/|file:)/;
const KNOWN_FOLDER = /^\/(?:run|etc|var|srv|opt|home|usr|root|tmp|mnt|data|app|config|secrets)\//;

/** Why the text is probably not the intended secret, without quoting it; undefined if there is no such sign. */
export function doubtOf(text: string): string | undefined {
  const isPath = PATH.test(text) && (!text.startsWith('/') || KNOWN_FOLDER.test(text) || existsSync(text));
  if (isPath)
    return 'looks like the path of a file; a file with the key is named by GATEHOUSE_MASTER_KEY_FILE';
  // docker --env-file keeps quotation marks as part of the value; systemd's EnvironmentFile does not.
  if (/^(?:".*"|'.*')$/.test(text))
    return 'stands between quotation marks, which became a part of it; write it without';
  return /\$[({]|^`/.test(text)
    ? 'looks like a command of a shell that was not run; write what it prints'
    : undefined;
}
