import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeSettings } from '../../src/config/schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Every stable reason that src/ can give: the second word of a refusal or an error, and reason: '…' members. */
function reasonsInSource(): Set<string> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const patterns = [
    /\b(?:refuse|OAuthError|shown|challenged)\(\s*['`][\w${}]+['`],\s*'([a-z_]+)'/g,
    /\b(?:notValid|over|invalid|refused|malformed|invalidClient|unproven|needed|tooMany)\(\s*'([a-z_]+)'/g,
    /\brefused\(\s*'\w+',\s*'([a-z_]+)'/g,
    /\breason\b\s*(?::|=)\s*'([a-z_]+)'/g,
    /\bmiss\(\w+, \w+, '([a-z_]+)'/g,
    /\brefuseUserinfo\(\s*\w+,\s*\w+,\s*'\w+',\s*'([a-z_]+)'/g,
  ];
  const found = new Set<string>();
  for (const file of files) {
    const text = read(join('src', file));
    for (const pattern of patterns) for (const [, reason = ''] of text.matchAll(pattern)) found.add(reason);
  }
  for (const problem of ['invalid', 'throttled', 'busy', 'wrong', 'short', 'common']) found.delete(problem);
  return found;
}

it('docs/reference/reasons.md lists exactly the reasons there are', () => {
  const listed = [...read('docs/reference/reasons.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(
    ([, reason = '']) => reason,
  );
  expect(new Set(listed)).toEqual(reasonsInSource());
});

it('docs/reference/settings.md lists exactly the settings there are, with their sentences', () => {
  const text = read('docs/reference/settings.md');
  for (const { name, variable, sentence } of describeSettings()) {
    expect(text).toContain(`\`${name}\``);
    expect(text).toContain(`\`${variable}\``);
    expect(text).toContain(sentence);
  }
  expect([...text.matchAll(/^\| `(\w+)` \|/gm)]).toHaveLength(describeSettings().length);
});
