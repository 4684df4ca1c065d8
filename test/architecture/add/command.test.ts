/** A thing to manage, and a check of the doctor: what follows on the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { auditEventNoun } from '../../../src/admin-commands/audit-event.ts';
import { type Noun, verb } from '../../../src/admin-commands/noun-and-verb-types.ts';
import { MAY_CHANGE_NOTHING, writeAudited } from '../../../src/admin-commands/write-only-with-audit-event.ts';
import { type Check, fail, type OutsideCheck, pass } from '../../../src/commands/doctor/check.ts';
import { checks, doctorCommand } from '../../../src/commands/doctor/index.ts';
import { nounCommand } from '../../../src/commands/noun-command.ts';
import { refuse } from '../../../src/lib/outcome.ts';
import { freePort } from '../../support/free-port.ts';

const toyNoun: Noun = {
  name: 'toy',
  summary: 'a toy',
  verbs: [
    verb({
      name: 'wind',
      summary: 'wind it up',
      begins: true,
      input: z.object({ turns: z.coerce.number().max(9) }),
      flags: [{ member: 'turns', flag: 'turns', kind: 'text', sentence: 'how often' }],
      run: async (_context, { turns }) =>
        turns === 0 ? refuse('not_found', 'not_found', 'there is no toy') : { turns },
    }),
    verb({
      name: 'label',
      summary: 'write its owner on it',
      begins: true,
      input: z.object({}),
      run: (context) =>
        writeAudited(
          context,
          async (tx) => {
            context.audit.record(tx, { type: 'group.created', details: { owner: context.operator } });
            return { owner: context.operator };
          },
          MAY_CHANGE_NOTHING,
        ),
    }),
  ],
};

const toyChecks: readonly (Check | OutsideCheck)[] = [
  { name: 'toy box', look: async () => pass('all toys are in it') },
  { name: 'toy train', look: async () => fail('it has no wheels', 'mend it') },
  { name: 'toy shelf', run: async ({ settings }) => pass(`it is at ${settings.issuer}`) },
];

let directory: string;
let out: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-toy-'));
  const port = await freePort();
  const settings = [`issuer: http://localhost:${port}`, `listen: 127.0.0.1:${port}`];
  writeFileSync(
    join(directory, 'gatehouse.yaml'),
    [...settings, `database: sqlite:${join(directory, 'toys.db')}`, ''].join('\n'),
  );
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** As `gatehouse` has its commands below it; gives the exit code. */
async function run(command: Command, words: readonly string[]): Promise<number> {
  const whole = new Command('gatehouse').option('--config <file>').addCommand(command);
  const all = ['--config', join(directory, 'gatehouse.yaml'), command.name(), ...words];
  return whole.parseAsync(all, { from: 'user' }).then(
    () => 0,
    (error: { exitCode?: number }) => error.exitCode ?? Promise.reject(error),
  );
}

describe('a thing to manage', () => {
  it('has its verbs as subcommands, --json and the exit codes', async () => {
    const command = () => nounCommand(toyNoun);
    expect(await run(command(), ['wind', '--turns', '3', '--json'])).toBe(0);
    expect(JSON.parse(out)).toEqual({ turns: 3 });
    expect(await run(command(), ['wind', '--turns', '0'])).toBe(3);
    expect(await run(command(), ['wind', '--turns', '10'])).toBe(2);
  });
});

it('the operator whom a verb names is the actor of its audit events', async () => {
  expect(await run(nounCommand(toyNoun), ['label', '--json'])).toBe(0);
  const { owner } = JSON.parse(out);
  out = '';
  expect(await run(nounCommand(auditEventNoun), ['list', '--type', 'group.created', '--json'])).toBe(0);
  expect(JSON.parse(out)).toMatchObject([{ actor: owner, details: { owner } }]);
});

describe('a check of the doctor', () => {
  it('is PASS, WARN where the database is needed and not there, or FAIL, and --json has it', async () => {
    (checks as (Check | OutsideCheck)[]).splice(0, checks.length, ...toyChecks);
    expect(await run(doctorCommand(), ['--json'])).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { name: 'toy box', status: 'PASS', evidence: 'all toys are in it', fix: '' },
      { name: 'toy train', status: 'FAIL', evidence: 'it has no wheels', fix: 'mend it' },
      expect.objectContaining({ name: 'toy shelf', status: 'WARN' }),
    ]);
    out = '';
    (checks as (Check | OutsideCheck)[]).splice(1, 1);
    expect(await run(doctorCommand(), [])).toBe(0);
    expect(out).toMatch(/^PASS {2}toy box {11}all toys are in it\nWARN {2}toy shelf/);
  });
});
