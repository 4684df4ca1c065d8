import { Command } from 'commander';
import { pino } from 'pino';
import type { Settings } from '../config/schema.ts';
import { explain, readSettings } from './open.ts';
import { CommandError } from './terminal.ts';

export function serveCommand(): Command {
  return new Command('serve').description('run the server').action(async (_options, command: Command) => {
    await serve(readSettings(command.optsWithGlobals<{ config?: string }>().config));
  });
}

/** Runs until SIGTERM or SIGINT; then finishes every request that it accepted. */
async function serve(settings: Settings): Promise<void> {
  const [{ buildHouse }, { createApp }, { listen }] = await Promise.all([
    import('../gatehouse.ts'),
    import('../http/app.ts'),
    import('../http/listen.ts'),
  ]);
  const log = pino({ level: settings.log_level, base: null }, pino.destination(2));
  const house = await buildHouse(settings, { log }).catch(explain);
  const server = await listen(createApp(house), house).catch(async (error: NodeJS.ErrnoException) => {
    await house.close();
    throw new CommandError(
      1,
      `cannot listen on ${settings.listen.host}:${settings.listen.port} (${error.code})`,
    );
  });
  process.stdout.write(greeting(settings, house.applied.length > 0));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  log.info({}, 'stopping: finishing the requests under way');
  await server.close();
  await house.close();
}

function greeting(settings: Settings, isFirstRun: boolean): string {
  const { issuer } = settings;
  const lines = [`Gatehouse serves ${issuer}`, `Discovery: ${issuer}/.well-known/openid-configuration`];
  if (isFirstRun) {
    lines.push(
      '',
      'There is no user and no client yet. In another terminal, in this folder:',
      '  npx gatehouse user create --username alice --email alice@example.com --password-stdin',
      '  npx gatehouse client create --name "First app" --type public --native \\',
      '    --redirect-uri http://127.0.0.1/callback',
      '  npx gatehouse login code --client-id <the client_id it printed>',
      'The last one prints an address to open in a browser, and then the tokens.',
    );
  }
  return `${lines.join('\n')}\n`;
}
