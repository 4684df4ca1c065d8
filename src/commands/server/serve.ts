import cluster from 'node:cluster';
import { existsSync, realpathSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Settings } from '../../config/settings-schema.ts';
import { CommandError } from '../command-error.ts';
import { writeData } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';

const MOST_WORKERS = 128;

interface Options {
  readonly config?: string;
  readonly workers: number;
}

/** The command `gatehouse serve`. `--workers` takes 1 to 128; more than 1 needs PostgreSQL. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server')
    .option('--workers <count>', 'processes that share the work (needs PostgreSQL)', parseWorkers, 1)
    .action(async (_options, command: Command) => {
      const { config, workers } = command.optsWithGlobals<Options>();
      await serve(readSettings(config), workers);
    });
}

function parseWorkers(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MOST_WORKERS) {
    throw new InvalidArgumentError(`It must be 1 to ${MOST_WORKERS}.`);
  }
  return count;
}

async function serve(settings: Settings, workers: number): Promise<void> {
  const greet = (isNew: boolean) => writeData(greeting(settings, isNew));
  if (workers === 1) return serveUntilStopped(settings, { onListening: greet });
  refuseWorkersOnSqlite(settings);
  const { serveAsWorker, superviseWorkers } = await import('./worker-processes.ts');
  return cluster.isWorker ? serveAsWorker(settings, workers) : superviseWorkers(settings, workers, greet);
}

function refuseWorkersOnSqlite({ database }: Settings): void {
  if (!database.startsWith('sqlite:')) return;
  throw new CommandError(
    1,
    '--workers needs PostgreSQL: two writers on one SQLite file were measured slower than one for everything that ' +
      'writes.\nLeave --workers away, or write database: postgres://USER@HOST/NAME ' +
      '(gatehouse database copy moves what there is).',
  );
}

function greeting({ issuer }: Settings, isNew: boolean): string {
  const lines = [`Gatehouse serves ${issuer}`, `Discovery: ${issuer}/.well-known/openid-configuration`];
  if (isNew) {
    const program = programAsTyped();
    lines.push(
      '',
      'There is no user and no client yet. In another terminal, in this folder:',
      `  ${program} user create --username alice --email alice@example.com --password-stdin`,
      `  ${program} client create --name "First app" --type public --native \\`,
      '    --redirect-uri http://127.0.0.1/callback',
      `  ${program} login code --client-id <the client_id it printed>`,
      'The last one prints an address to open in a browser, and then the tokens.',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Where Gatehouse is not installed, npx would fetch the npm package named gatehouse, which is another project's. */
function programAsTyped(): string {
  return existsSync('node_modules/.bin/gatehouse') || isOwnFolder() ? 'npx gatehouse' : 'gatehouse';
}

function isOwnFolder(): boolean {
  try {
    return realpathSync('package.json') === realpathSync(new URL('../../../package.json', import.meta.url));
  } catch {
    return false;
  }
}
