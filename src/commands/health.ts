import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Command } from 'commander';
import { readSettings } from './open.ts';
import { CommandError, say } from './terminal.ts';

const TIMEOUT_MS = 4000;

/** For a container's health check: asks the server of these settings on this machine. */
export function healthCommand(): Command {
  return new Command('health')
    .description('ask the running server whether it is ready')
    .action(async (_options, command: Command) => {
      const settings = readSettings(command.optsWithGlobals<{ config?: string }>().config);
      const host = settings.listen.host === '0.0.0.0' ? '127.0.0.1' : settings.listen.host;
      const status = await ask(settings.tls_cert !== undefined, {
        host,
        port: settings.listen.port,
        path: `${settings.basePath}/health/ready`,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        // Its own certificate names the issuer's host, not this machine.
        rejectUnauthorized: false,
      });
      if (status !== 200) throw new CommandError(1, `not ready (${status ?? 'no answer'})`);
      say('ready');
    });
}

function ask(https: boolean, options: object): Promise<number | undefined> {
  const request = https ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    request(options, (response) => {
      resolve(response.statusCode);
      response.destroy();
    })
      .on('error', () => resolve(undefined))
      .end();
  });
}
