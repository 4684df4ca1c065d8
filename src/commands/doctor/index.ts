import { Command } from 'commander';
import type { House } from '../../gatehouse.ts';
import { withHouse } from '../open.ts';
import { CommandError, print, shown, writeData } from '../terminal.ts';
import { type Check, type Finding, fail } from './check.ts';
import { checksOf } from './client.ts';
import { databaseCheck, diskCheck, filesCheck, hashingCheck } from './machine.ts';
import { clientsCheck, keysCheck } from './registry.ts';
import { clockCheck, issuerCheck, jwksCheck } from './server.ts';

/** What doctor looks at, in order. */
export const checks: readonly Check[] = [
  issuerCheck,
  clockCheck,
  databaseCheck,
  diskCheck,
  filesCheck,
  keysCheck,
  jwksCheck,
  hashingCheck,
  clientsCheck,
];

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the running server, this machine and the database')
    .option('--json', 'print one JSON value')
    .option('--client <client_id>', 'what this client was seen to do, and what it leaves out')
    .action(async (_options, command: Command) => {
      const { config, json, client } = command.optsWithGlobals<Options>();
      const findings = await withHouse(config, async (house) => {
        const wanted = client === undefined ? checks : await checksOfClient(house, client);
        return Promise.all(wanted.map((check) => look(check, house)));
      });
      if (json) print(findings, true);
      else for (const finding of findings) writeData(lineOf(finding));
      const failed = findings.filter((finding) => finding.status === 'FAIL').length;
      if (failed > 0) throw new CommandError(1, `${failed} of ${findings.length} checks failed`);
    });
}

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly client?: string;
}

async function checksOfClient(house: House, client_id: string): Promise<readonly Check[]> {
  const client = await house.clients.find(client_id);
  if (!client) throw new CommandError(3, `there is no client ${client_id}`);
  return checksOf(house, client);
}

async function look(check: Check, house: House): Promise<Finding & { name: string }> {
  try {
    return { name: check.name, ...(await check.run(house)) };
  } catch (error) {
    return {
      name: check.name,
      ...fail(`the check itself failed: ${(error as Error).message}`, 'see the message'),
    };
  }
}

function lineOf({ status, name, evidence, fix }: Finding & { name: string }): string {
  return `${status}  ${name.padEnd(16)}  ${shown(evidence)}${fix === '' ? '' : `\n      ${''.padEnd(16)}  fix: ${shown(fix)}`}\n`;
}
