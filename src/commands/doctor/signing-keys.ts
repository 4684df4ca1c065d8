import { furtherAlgorithms } from '../../config/signing-algorithms.ts';
import { DAY_MS } from '../../lib/durations.ts';
import { isAheadOfClock } from '../../lib/tolerate-clock-set-back.ts';
import type { KeyContext } from '../../oauth/keys/context.ts';
import { type ListedKey, listKeys, listUsedAlgorithms } from '../../oauth/keys/list-keys.ts';
import { findUnreadableKeys } from '../../oauth/keys/unreadable-keys.ts';
import { countClientsOfAlgorithm } from '../../storage/tables/client-algorithms.ts';
import { type Check, type Finding, fail, pass } from './check.ts';

export const keysCheck: Check = {
  name: 'keys',
  async run(gatehouse) {
    const [unreadable] = await findUnreadableKeys(gatehouse.db, gatehouse.settings.masterKey);
    if (unreadable)
      return fail('the master key is another than the keys were sealed with', unreadable.sentence);
    const keys = await listKeys(gatehouse);
    const used = await listUsedAlgorithms(gatehouse);
    const nowMs = gatehouse.clock.nowMs();
    const missing = used.filter((alg) => !keys.some((key) => isCurrent(key, alg, nowMs)));
    if (missing.length > 0) return explainMissing(missing, keys, nowMs);
    const oldest = Math.min(...keys.filter((key) => key.state === 'current').map((key) => key.activates_at));
    const next = new Date(oldest + gatehouse.settings.key_rotation_days * DAY_MS).toISOString().slice(0, 10);
    const what = [`${keys.length} keys published`, ...(await describeFurtherKeys(gatehouse, keys))].join(
      ', ',
    );
    return pass(`${what}; the next rotation is due on ${next}`);
  },
};

/** A key whose activation is in the future does not count as current: a clock is wrong. */
function isCurrent({ alg, state, activates_at }: ListedKey, wanted: string, nowMs: number): boolean {
  return alg === wanted && state === 'current' && !isAheadOfClock(activates_at, nowMs);
}

/** A key was always active before its successor was created; where all are activated in the future, the clock was set back. */
function explainMissing(missing: readonly string[], keys: readonly ListedKey[], nowMs: number): Finding {
  const activations = keys.filter(({ alg }) => missing.includes(alg)).map((key) => key.activates_at);
  const first = Math.min(...activations);
  if (activations.length > 0 && first > nowMs) {
    const [now, activation] = [nowMs, first].map((ms) => new Date(ms).toISOString());
    return fail(
      `this machine's clock is behind: here it is ${now}, and the first key for ${missing.join(', ')} begins at ${activation}`,
      'set the clock (chrony), and rotate no key before',
    );
  }
  return fail(
    `no current key for ${missing.join(', ')}`,
    'start the server once, or: gatehouse keys rotate --now',
  );
}

/** Why keys of further algorithms are published, which not every client supports. */
async function describeFurtherKeys(
  { db, settings }: Pick<KeyContext, 'db' | 'settings'>,
  keys: readonly ListedKey[],
): Promise<string[]> {
  const there = furtherAlgorithms.filter((alg) => keys.some((key) => key.alg === alg));
  return Promise.all(
    there.map(async (alg) => {
      const clients = await countClientsOfAlgorithm(db, alg);
      if (clients > 0) return `${alg} for ${clients} client${clients === 1 ? '' : 's'}`;
      const isSet = settings.further_signing_algorithms.includes(alg);
      return isSet ? `${alg} by further_signing_algorithms` : `${alg} until its last token has expired`;
    }),
  );
}
