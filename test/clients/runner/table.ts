/** docs/reference/clients.md, as the run found it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Result } from './result.ts';
import { stepNames } from './steps.ts';
import { versionOf } from './take-through.ts';

const file = fileURLToPath(new URL('../../../docs/reference/clients.md', import.meta.url));

const HEAD = `# Clients that were run

Written by \`npm run test:clients\`. Each of these is a client that others wrote, with the settings of its own README, against
an https issuer, as a client that \`client create\` makes of a name and its redirect URIs; where it takes more, the note says so.

A step that is \`–\` is one for which the client has no means of its own; a library without a sign-out is given the link that
any app can write. *sends* is what the server was seen to get, as \`gatehouse doctor --client\` tells it.
`;

const CELLS = { passed: 'yes', failed: '**no**', none: '–' } as const;

export function writeTable(results: readonly Result[]): void {
  const titles = ['client', 'version', 'language', ...stepNames, 'sends', 'note'];
  const rows = results.map((result) => [
    result.client.name,
    versionOf(result.client),
    result.client.language.name,
    ...stepNames.map((name) => CELLS[result.steps[name] ?? 'none']),
    result.sent ?? '',
    result.client.note ?? '',
  ]);
  const lines = [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  writeFileSync(file, `${HEAD}\n${lines.join('\n')}\n`);
}
