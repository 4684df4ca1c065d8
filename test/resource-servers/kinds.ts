/** The APIs of the guide: what each is written into, built with and started by. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Kind {
  readonly name: string;
  /** A command that must be there, or it is skipped. */
  readonly needs: string;
  readonly files: readonly {
    readonly block: string;
    readonly changes?: readonly (readonly [from: string, to: string])[];
  }[];
  /** The block whose lines get it ready; undefined where nothing has to be fetched. */
  readonly install: string | undefined;
  readonly start: readonly [command: string, ...words: string[]];
  /** Whether the API is registered with access_token_type JWT. */
  readonly isPlain?: boolean;
  /** Whether a revoked token is refused. */
  readonly seesRevocation?: boolean;
}

/** The modules of this repository, in the versions that the guide names. */
export function linkModules(directory: string): void {
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
  symlinkSync(modules, join(directory, 'node_modules'));
}

export const node: Kind = {
  name: 'Node: express and jose',
  needs: 'npm',
  files: [{ block: 'server.mjs' }],
  install: 'npm install',
  start: ['node', 'server.mjs'],
};

export const introspecting: Kind = {
  name: 'Node: express, by introspection',
  needs: 'npm',
  files: [{ block: 'introspect.mjs' }],
  install: 'npm install',
  start: ['node', 'introspect.mjs'],
  seesRevocation: true,
};

const python: Kind = {
  name: 'Python: Flask and PyJWT',
  needs: 'python3',
  files: [{ block: 'server.py' }],
  install: 'python3 -m venv',
  start: ['.venv/bin/python', 'server.py'],
};

const go: Kind = {
  name: 'Go: golang-jwt and keyfunc',
  needs: 'go',
  files: [{ block: 'main.go' }],
  install: 'go mod init',
  start: ['./orders'],
};

const ORDERS = 'src/main/java/com/example/Orders.java';
const PROPERTIES = 'src/main/resources/application.yaml';
const OLDER = [['<version>4.1.2</version>', '<version>3.5.16</version>']] as const;

/** As the guide says in words. */
const OPAQUE = [
  ['server.jwt(', 'server.opaqueToken('],
  ['@AuthenticationPrincipal Jwt token', 'BearerTokenAuthentication token'],
  ['token.getSubject()', '(String) token.getTokenAttributes().get("sub")'],
  [
    'import org.springframework.security.oauth2.jwt.Jwt;',
    'import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;',
  ],
] as const;

function spring(version: string, pomChanges: readonly (readonly [string, string])[]): readonly Kind[] {
  const pom = { block: 'pom.xml', changes: pomChanges };
  const common = {
    needs: 'mvn',
    install: 'mvn -q',
    start: ['java', '-jar', 'target/orders-1.jar'],
  } as const;
  return [
    {
      ...common,
      name: `Spring Boot ${version}, told what an access token is`,
      files: [
        pom,
        { block: PROPERTIES },
        { block: ORDERS },
        { block: 'src/main/java/com/example/AccessTokens.java' },
      ],
    },
    {
      ...common,
      name: `Spring Boot ${version}, properties alone and access_token_type JWT`,
      files: [pom, { block: PROPERTIES }, { block: ORDERS }],
      isPlain: true,
    },
    {
      ...common,
      name: `Spring Boot ${version}, by introspection`,
      files: [pom, { block: 'application-introspection.yaml' }, { block: ORDERS, changes: OPAQUE }],
      start: [...common.start, '--spring.profiles.active=introspection'],
      seesRevocation: true,
    },
  ];
}

/** Those with access_token_type JWT come last: it stays once it is said. */
export const kinds: readonly Kind[] = [
  node,
  introspecting,
  python,
  go,
  ...spring('3.5', OLDER),
  ...spring('4.1', []),
].sort((one, other) => Number(one.isPlain ?? false) - Number(other.isPlain ?? false));
