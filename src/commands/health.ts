import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Command } from 'commander';
import type { Settings } from '../config/schema.ts';
import { readSettings } from './open.ts';
import { CommandError, say } from './terminal.ts';

const TIMEOUT_MS = 4000;

/** For a container's health check: asks the server of these settings on this machine. */
export function healthCommand(): Command {
  return new Command('health')
    .description('ask the running server whether it is ready')
    .action(async (_options, command: Command) => {
      const settings = readSettings(command.optsWithGlobals<{ config?: string }>().config);
      const status = await askHealth(settings);
      if (status === 200) return say('ready');
      const { host, port } = settings.listen;
      const path = `${host}:${port}${settings.basePath}/health/ready`;
      throw new CommandError(
        1,
        `not ready: ${path} ${status === undefined ? 'gives no answer' : `answers ${status}`}`,
      );
    });
}

/** The status that the server answers with on this machine; undefined where none does. */
export function askHealth({ tls_cert, listen, basePath }: Settings): Promise<number | undefined> {
  const request = tls_cert === undefined ? httpRequest : httpsRequest;
  const options = {
    host: here(listen.host),
    port: listen.port,
    path: `${basePath}/health/ready`,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    agent: false as const,
    // Its own certificate names the issuer's host, not this machine.
    rejectUnauthorized: false,
  };
  return new Promise((resolve) => {
    request(options, (response) => {
      resolve(response.statusCode);
      response.destroy();
    })
      .on('error', () => resolve(undefined))
      .on('upgrade', (_response, socket) => {
        resolve(101);
        socket.destroy();
      })
      .end();
  });
}

/** Where this machine reaches what listens at all of its addresses. */
export function here(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
