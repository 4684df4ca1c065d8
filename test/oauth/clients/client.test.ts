/** Whether a client is as it was: what somebody can change of it, and no more. */
import { describe, expect, it } from 'vitest';
import { isSameClient } from '../../../src/oauth/clients/client.ts';
import { createClientSecrets } from '../../../src/oauth/clients/live-secret-hashes.ts';
import { clientOf } from './client-value.ts';

describe('two are the same', () => {
  const client = clientOf();

  it('where nothing differs that somebody can change', () => {
    expect(isSameClient(client, { ...client, lastUsedMs: 5, asOf: 7 })).toBe(true);
  });

  it('and not where one of these does', () => {
    const secrets = createClientSecrets([{ secret_hash: 'a', expires_at: null }]);
    for (const more of [
      { metadataHash: 'other' },
      { disabled: true },
      { secrets },
      { createdAtMs: 1 },
      { epoch: 1 },
    ])
      expect(isSameClient(client, { ...client, ...more }), JSON.stringify(more)).toBe(false);
    const ending = createClientSecrets([{ secret_hash: 'a', expires_at: 5 }]);
    expect(isSameClient({ ...client, secrets }, { ...client, secrets: ending })).toBe(false);
  });
});
