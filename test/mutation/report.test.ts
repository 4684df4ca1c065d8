/** What `npm run test:mutation` changes, and what it takes for good enough. */
import { describe, expect, it } from 'vitest';
import { instrument, type Mutant } from './instrumented.ts';
import { modules, testsOf } from './modules.ts';
import { isComparison, report } from './report.ts';
import type { Status } from './store.ts';

const mutantOf = (kind: string, original: string): Mutant => ({
  id: '0',
  source: 'src/x.ts',
  line: 1,
  column: 0,
  lineText: '',
  kind,
  original,
  replacement: 'true',
});

const resultsOf = (mutant: Mutant, ...statuses: Status[]) => statuses.map((status) => ({ mutant, status }));
const call = mutantOf('BlockStatement', '{ f(); }');
const nine: Status[] = [
  'killed',
  'killed',
  'killed',
  'killed',
  'killed',
  'killed',
  'killed',
  'killed',
  'timeout',
];

describe('a module', () => {
  it('is good enough with nine of ten killed, and not with eight of nine', () => {
    expect(report('x', resultsOf(call, ...nine, 'survived')).failures).toEqual([]);
    expect(report('x', resultsOf(call, ...nine.slice(1), 'survived')).failures).toEqual([
      'x: 88.9 % is less than 90 %',
    ]);
  });

  it('is not where a comparison survives, or no test reaches it', () => {
    for (const status of ['survived', 'unreached'] as const) {
      const results = [
        ...resultsOf(call, ...nine),
        ...resultsOf(mutantOf('EqualityOperator', 'a < b'), status),
      ];
      expect(report('x', results).failures).toEqual(['x: a comparison survives']);
    }
  });
});

it.each([
  ['EqualityOperator', 'a < b', true],
  ['ConditionalExpression', 'a !== b', true],
  ['ConditionalExpression', 'a >= b && c', true],
  ['ConditionalExpression', 'isDone', false],
  ['StringLiteral', "'<'", false],
])('%s of %s is a changed comparison: %s', (kind, original, is) => {
  expect(isComparison({ kind, original })).toBe(is);
});

it('every module has sources with mutants, and tests', async () => {
  for (const [name, module] of Object.entries(modules)) {
    const { mutants } = await instrument(module.sources);
    expect(new Set(mutants.map(({ source }) => source)), name).toEqual(new Set(module.sources));
    expect(testsOf(module).length, name).toBeGreaterThan(0);
  }
});
