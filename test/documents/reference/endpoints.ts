/** docs/reference/endpoints.md: every address, from the tables that the server registers. */
import { discoveryEndpoint } from '../../../src/http/endpoints/discovery-and-jwks.ts';
import type { Endpoint } from '../../../src/http/endpoints/endpoint.ts';
import { endpoints, insertedEndpoints, jsonEndpoints } from '../../../src/http/endpoints/index.ts';
import { pages } from '../../../src/http/pages/index.ts';
import type { Page } from '../../../src/http/pages/page.ts';
import { describeParameters, longestOf } from '../../../src/oauth/parameters.ts';
import { readDocstrings } from './docstrings.ts';
import { code, page, table } from './markdown.ts';

/** An issuer with a path, so that the addresses before it are seen too. */
const PATH = '/sso';

const CORS = { public: 'any origin', clients: "clients' origins", none: '' } as const;

/** Where `gatehouse doctor` looks although the settings may have another path by now. */
const WAY = '/health/way';

/** What no table has: for whoever runs the server. */
const operators: readonly (readonly [path: string, what: string])[] = [
  ['/health/live', 'The process answers. Always 200.'],
  [
    '/health/ready',
    '200 where it can serve: the database keeps what is written, and keys open. Otherwise 503, with the reason for `gatehouse doctor` and `gatehouse health`, which prove that they have the master key; everybody else is told no more than that.',
  ],
  [
    WAY,
    'For `gatehouse doctor`, which proves that it has the master key; 404 for everybody else. At the root too.',
  ],
  ['/health/mark/:mark', 'The same: whether what it wrote is in the database that is served.'],
  ['/metrics', 'Prometheus. For direct requests from this machine alone, unless `metrics_listen` is set.'],
];

const TEXT = `Every address of a server, below the path of the issuer unless it says otherwise. An address that is served answers any
other method with 405 and \`Allow\`; \`HEAD\` comes with \`GET\`. Every refusal has a [reason](reasons.md).`;

const ENDPOINTS = `Called by apps and APIs. \`POST\` takes \`application/x-www-form-urlencoded\`, at \`/register\` JSON; errors are JSON
(RFC 6749 §5.2). *CORS* says which pages may read the answer from a browser, never with credentials; *clients' origins* are those of
registered redirect URIs. *Discovery* is the member of the discovery document that names the address.`;

const PAGES = `Opened by a browser. \`POST\` is the page's own form, which carries a token that is bound to the browser, its session and the
page; at \`/authorize\` and \`/logout\` it may be an app's own request too. Errors are pages. *At the root* are those that stand below the
host whatever the path of the issuer. Beside them \`/assets/…\` has styles, scripts and pictures, each with a hash of its bytes in its name.`;

const PARAMETERS = `The longest that the value of a parameter or field may be, in characters. A longer one is refused before anything
looks at it. One without a row is as good as absent beyond ${longestOf('').toLocaleString('en')} characters. An empty value is as good as none, and
a parameter that comes twice is refused, but for those that may (RFC 6749 §3.1).`;

/** The page. */
export async function endpointsPage(): Promise<string> {
  const docstrings = await readDocstrings('src/http');
  return page(
    'Endpoints and pages',
    TEXT,
    '## Endpoints',
    ENDPOINTS,
    table(
      ['address', 'methods', 'CORS', 'discovery', 'what it is'],
      tableOfEndpoints().map((row) => endpointRow(row, docstrings)),
    ),
    '## Pages',
    PAGES,
    table(
      ['address', 'methods', 'discovery', 'what it is'],
      pages.map((row) => pageRow(row, docstrings)),
    ),
    '## For whoever runs it',
    table(
      ['address', 'what it is'],
      operators.map(([path, what]) => [code(path), what]),
    ),
    '## Parameters',
    PARAMETERS,
    table(
      ['parameter', 'characters', ''],
      describeParameters().map(({ name, longest, isRepeatable }) => [
        code(name),
        longest.toLocaleString('en'),
        isRepeatable ? 'may come several times' : '',
      ]),
    ),
  );
}

function tableOfEndpoints(): readonly Endpoint[] {
  return [...endpoints, ...jsonEndpoints({ registration: 'open' }), ...insertedEndpoints(PATH)];
}

type Docstrings = ReadonlyMap<unknown, string>;

function endpointRow(endpoint: Endpoint, docstrings: Docstrings) {
  const { path, metadata, methods, cors } = endpoint;
  const isMade = path.startsWith('/.well-known/');
  const what = saidOf(path, docstrings.get(isMade ? discoveryEndpoint : endpoint));
  const isInserted = path.endsWith(PATH);
  const where = isInserted ? ' For an issuer with a path, between host and path.' : '';
  return [
    code(isInserted ? path.replace(PATH, '/PATH') : path),
    methods.join(', '),
    CORS[cors],
    metadata ? code(metadata) : '',
    what + where,
  ];
}

function pageRow(row: Page, docstrings: Docstrings) {
  const { path, metadata, submit, isAtRoot } = row;
  const what = saidOf(path, docstrings.get(row));
  const where = isAtRoot ? `${what} At the root.` : what;
  return [code(path), submit ? 'GET, POST' : 'GET', metadata ? code(metadata) : '', where];
}

function saidOf(path: string, docstring: string | undefined): string {
  if (docstring) return docstring.endsWith('.') ? docstring : `${docstring}.`;
  throw new Error(`${path}: say in a docstring above its export what it is`);
}

/** Every address that the page names, of a server whose issuer has the path. */
export function addressesAt(issuerPath: string): ReadonlySet<string> {
  const below = [...endpoints, ...jsonEndpoints({ registration: 'open' }), ...pages.filter(isBelow)];
  const atRoot = [...insertedEndpoints(issuerPath), ...pages.filter((row) => !isBelow(row))];
  const paths = [...below.map(({ path }) => path), ...operators.map(([path]) => path)];
  return new Set([
    WAY,
    issuerPath,
    ...paths.map((path) => issuerPath + path),
    ...atRoot.map(({ path }) => path),
  ]);
}

const isBelow = ({ isAtRoot }: Page) => !isAtRoot;
