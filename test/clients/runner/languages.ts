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

const pythonPins = { folder: 'python', manifests: ['requirements.txt'] } as const;
const PIP = 'venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt';

export const python: Language = {
  ...pythonPins,
  name: 'Python',
  tools: ['python3'],
  fetch: [['python3', '-m', 'venv', '--clear', 'venv'], PIP.split(' ')],
  start: (program) => ['venv/bin/python', `${program}.py`],
  // One for requests, one for httpx and what else asks OpenSSL.
  trust: ({ caFile }) => ({ REQUESTS_CA_BUNDLE: caFile, SSL_CERT_FILE: caFile }),
  version: (name) => firstMatch(manifestText(pythonPins), `(?<=^|\\n)${name.replaceAll('_', '-')}==([^ ]+)`),
};

const goPins = { folder: 'go', manifests: ['go.mod', 'go.sum'] } as const;
const PROXY = 'go build -o bin/oauth2-proxy-itself github.com/oauth2-proxy/oauth2-proxy/v7';

export const go: Language = {
  ...goPins,
  name: 'Go',
  tools: ['go'],
  fetch: [['go', 'mod', 'download'], PROXY.split(' ')],
  build: (program) => ['go', 'build', '-o', `bin/${program}`, `./cmd/${program}`],
  start: (program) => [`bin/${program}`],
  trust: ({ caFile }) => ({ SSL_CERT_FILE: caFile }),
  version: (name) => firstMatch(manifestText(goPins), `${name} v([^ \\n]+)`),
};

function firstMatch(text: string, pattern: string): string {
  return new RegExp(pattern, 'i').exec(text)?.[1] ?? '?';
}
