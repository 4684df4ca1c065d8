import { type Language, manifestText } from './language.ts';

const npmPins = { folder: 'npm', manifests: ['package.json', 'package-lock.json'] } as const;

export const npm: Language = {
  ...npmPins,
  name: 'JavaScript',
  tools: ['node', 'npm'],
  fetch: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
  start: (program) => ['node', `${program}.mjs`],
  trust: ({ caFile }) => ({ NODE_EXTRA_CA_CERTS: caFile }),
  version: (name) => firstMatch(manifestText(npmPins), `"${name}": "([^"]+)"`),
};

function firstMatch(text: string, pattern: string): string {
  return new RegExp(pattern).exec(text)?.[1] ?? '?';
}
