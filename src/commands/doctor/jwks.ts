import { z } from 'zod';
import type { Gatehouse } from '../../gatehouse.ts';
import { readAnswer } from '../bounded-http-client.ts';
import { askAtIssuer } from './ask-at-issuer.ts';
import { type Check, fail, pass } from './check.ts';
import { explainAnswer } from './explain-unreachable-issuer.ts';

const jwksSchema = z.object({ keys: z.array(z.object({ kid: z.string().optional() })) });

export const jwksCheck: Check = {
  name: 'jwks',
  async run({ settings, keys }: Gatehouse) {
    const url = `${settings.issuer}/jwks`;
    try {
      const served = readAnswer(await askAtIssuer(settings, '/jwks'), jwksSchema).keys.map(({ kid }) => kid);
      const missing = (await keys.published()).filter((key) => !served.includes(key.kid ?? ''));
      if (missing.length === 0) return pass(`${url} serves ${served.length} keys`);
      return fail(
        `${url} lacks ${missing.map((key) => key.kid).join(', ')}`,
        'purge what caches /jwks, then check again; where another server answers there, mend the issuer',
      );
    } catch (error) {
      return explainAnswer(settings, error);
    }
  },
};
