import { Command } from 'commander';
import { ConfigurationError } from '../../config/configuration-error.ts';
import type { Settings } from '../../config/settings-schema.ts';
import type { Gatehouse } from '../../gatehouse.ts';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { CommandError } from '../command-error.ts';
import { withGatehouse, withGatehouseOf } from '../open-or-create-gatehouse.ts';
import { print, shown, writeData } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import { certificateCheck } from './certificate-expiry-and-renewal.ts';
import { type Check, type Finding, fail, type OutsideCheck, warn } from './check.ts';
import { clearTextCheck } from './clear-text-redirect-uris.ts';
import { checksOf } from './client-protections-by-audit-log.ts';
import { clientsCheck } from './clients-redirect-and-resource-faults.ts';
import { clockCheck } from './clock.ts';
import { databaseCheck } from './database-intact-and-writable.ts';
import { diskCheck } from './disk-space.ts';
import { explainClosed } from './explain-unavailable-database.ts';
import { filesCheck } from './files-open-to-others.ts';
import { issuerCheck } from './issuer-discovery.ts';
import { jwksCheck } from './jwks.ts';
import { mailCheck } from './mail-server.ts';
import { openFilesCheck } from './open-file-limit.ts';
import { hashingCheck } from './password-hashing-trial.ts';
import { proxyCheck } from './proxy-forwards-client-address.ts';
import { readinessCheck } from './readiness.ts';
import { sameDatabaseCheck } from './same-database.ts';
import { secretsCheck } from './secret-files.ts';
import { keysCheck } from './signing-keys.ts';
import { wellKnownCheck } from './well-known-for-issuer-path.ts';

/** The checks of doctor, in order of output. */
export const checks: readonly (Check | OutsideCheck)[] = [
  issuerCheck,
  readinessCheck,
  wellKnownCheck,
  certificateCheck,
  clockCheck,
  proxyCheck,
  databaseCheck,
  sameDatabaseCheck,
  diskCheck,
  filesCheck,
  secretsCheck,
  openFilesCheck,
  keysCheck,
  jwksCheck,
  hashingCheck,
  clientsCheck,
  clearTextCheck,
  mailCheck,
];

type Named = Finding & {
  readonly name: string;
  /** The evidence is an error message of several lines, whose line breaks are printed. */
  readonly isMultiLine?: boolean;
};

/**
 * The command `gatehouse doctor`. It prints one line for each check, or with `--client` for each check of one client,
 * and exits with 1 where a check failed, with 3 where there is no such client.
 */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the running server, this machine and the database')
    .option('--json', 'print one JSON value')
    .option('--client <client_id>', 'how this client used the server, and what its requests lack')
    .action(async (_options, command: Command) => {
      const { config, json, client } = command.optsWithGlobals<Options>();
      const findings = await (client === undefined ? examine(config) : examineClient(config, client));
      if (json) print(findings.map(withoutForm), true);
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

/** Runs every check, whatever the others find. */
async function examine(config: string | undefined): Promise<readonly Named[]> {
  let settings: Settings;
  try {
    settings = readSettings(config);
  } catch (error) {
    const finding = fail((error as Error).message, FIX_SETTINGS);
    return [{ name: 'settings', ...finding, isMultiLine: true }];
  }
  try {
    return await withGatehouseOf(settings, (gatehouse) => runChecks(gatehouse.settings, gatehouse));
  } catch (error) {
    const closed = await explainClosed(settings, error as Error);
    return runChecks(settings, undefined, closed);
  }
}

function runChecks(settings: Settings, gatehouse: Gatehouse | undefined, closed?: Finding): Promise<Named[]> {
  return Promise.all(
    checks.map(async (check) => {
      if ('look' in check) return look(check.name, () => check.look(settings));
      if (gatehouse) return look(check.name, () => check.run(gatehouse));
      return {
        name: check.name,
        ...(check === databaseCheck && closed ? { ...closed, isMultiLine: true } : NOT_CHECKED),
      };
    }),
  );
}

const FIX_SETTINGS = 'mend the settings, then check again';
const NOT_CHECKED = warn('not looked at: the database cannot be opened', 'see the check of the database');

async function examineClient(config: string | undefined, client_id: string): Promise<readonly Named[]> {
  return withGatehouse(config, async (gatehouse) => {
    const client = await gatehouse.clients.find(client_id);
    if (!client) throw new CommandError(3, `there is no client ${client_id}`);
    const wanted = await checksOf(gatehouse, client);
    return Promise.all(wanted.map((check) => look(check.name, () => check.run(gatehouse))));
  });
}

async function look(name: string, run: () => Promise<Finding>): Promise<Named> {
  try {
    return { name, ...(await run()) };
  } catch (error) {
    if (error instanceof ConfigurationError) return { name, ...fail(error.message, FIX_SETTINGS) };
    return { name, ...explainFailure(error as NodeJS.ErrnoException) };
  }
}

function explainFailure(error: NodeJS.ErrnoException): Finding {
  const { code, path = '', message } = error;
  const whose = describeOwner(path, error);
  if (whose === '') return fail(`the check itself failed: ${message}`, 'see the message');
  return fail(
    `${path} cannot be looked at (${code})${whose}`,
    "run this as the server's user, or give it to that one (chown)",
  );
}

const withoutForm = ({ isMultiLine, ...finding }: Named) => finding;

/** Aligns further lines with the evidence, after the status and the name. */
const INDENT = ' '.repeat(24);

function lineOf({ status, name, evidence, fix, isMultiLine = false }: Named): string {
  const seen = isMultiLine ? evidence.split('\n').map(shown).join(`\n${INDENT}`) : shown(evidence);
  return `${status}  ${name.padEnd(16)}  ${seen}${fix === '' ? '' : `\n${INDENT}fix: ${shown(fix)}`}\n`;
}
