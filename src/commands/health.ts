import { Command } from 'commander';
import type { Settings } from '../config/settings-schema.ts';
import { AnswerError } from './bounded-http-client.ts';
import { CommandError } from './command-error.ts';
import { say } from './print.ts';
import { readSettings } from './read-settings.ts';
import { askReadiness, describeUnready, READY, type Unready } from './server-readiness.ts';

/** The command `gatehouse health`, for the health check of a container: asks the server of these settings on this machine. */
export function healthCommand(): Command {
  return new Command('health')
    .description('ask the running server whether it is ready, and why not')
    .action(async (_options, command: Command) => {
      const settings = readSettings(command.optsWithGlobals<{ config?: string }>().config);
      const unready = await findUnready(settings);
      if (unready === undefined) return say('ready');
      throw new CommandError(1, `not ready: ${unready.evidence}\nfix: ${unready.fix}`);
    });
}

async function findUnready(settings: Settings): Promise<Unready | undefined> {
  try {
    const readiness = await askReadiness(settings, 'local');
    return readiness.status === READY ? undefined : describeUnready(readiness);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return { evidence: error.message, fix: START };
  }
}

const START =
  'start the server (gatehouse serve), or look into its log why it ended (journalctl -u gatehouse); the setting listen says where it is asked';
