import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

const javaProjects = ['spring-boot-3', 'spring-boot-4', 'nimbus', 'pac4j'];
const javaPins = { folder: 'java', manifests: javaProjects.map((project) => `${project}/pom.xml`) };

/** A program is a project and its main class; Maven has no lock file, and its poms name exact versions. */
export const java: Language = {
  ...javaPins,
  name: 'Java',
  tools: ['java', 'javac', 'keytool', 'mvn'],
  fetch: [],
  build: (program) => [
    'mvn',
    '-q',
    '-B',
    '-f',
    `${splitProgram(program).project}/pom.xml`,
    'process-classes',
  ],
  start(program) {
    const { project, main } = splitProgram(program);
    return ['java', '-cp', `${project}/target/classes:${project}/target/lib/*`, main];
  },
  trust({ caFile }) {
    const store = join(dirname(caFile), 'trust.p12');
    if (!existsSync(store)) {
      const words = ['-importcert', '-noprompt', '-alias', 'ca', '-file', caFile, '-keystore', store];
      execFileSync('keytool', [...words, '-storetype', 'PKCS12', '-storepass', 'changeit'], {
        stdio: 'pipe',
      });
    }
    return {
      JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStorePassword=changeit`,
    };
  },
  version: (name) => firstMatch(manifestText(javaPins), `${name}</artifactId>\\s*<version>([^<]+)`),
};

function splitProgram(program: string) {
  const [project = '', main = ''] = program.split('/');
  return { project, main };
}

const rustPins = { folder: 'rust', manifests: ['Cargo.toml', 'Cargo.lock'] } as const;

export const rust: Language = {
  ...rustPins,
  name: 'Rust',
  tools: ['cargo'],
  fetch: [['cargo', 'fetch', '--locked']],
  build: () => ['cargo', 'build', '--quiet', '--locked', '--offline'],
  start: () => ['target/debug/gatehouse-clients'],
  // Its TLS has authorities of its own, so the program adds this one by CA_FILE.
  trust: () => ({}),
  version: (name) => firstMatch(manifestText(rustPins), `${name} = {? ?(?:version = )?"=([^"]+)`),
};

function firstMatch(text: string, pattern: string): string {
  return new RegExp(pattern, 'i').exec(text)?.[1] ?? '?';
}
