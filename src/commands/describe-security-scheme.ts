import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { type DescriptionFormat, describeApi } from '../admin-commands/openapi-asyncapi-security-scheme.ts';
import type { Settings } from '../config/settings-schema.ts';
import { findResource } from '../storage/tables/resources.ts';
import { CommandError } from './command-error.ts';
import { withGatehouse } from './open-or-create-gatehouse.ts';
import { print, shown, writeData } from './print.ts';
import { readSettings } from './read-settings.ts';

interface Options {
  readonly config?: string;
  readonly openapi?: boolean;
  readonly asyncapi?: boolean;
  readonly resource?: string;
  readonly json?: boolean;
}

/** The security scheme of an API, for its OpenAPI or AsyncAPI description. */
export function describeCommand(): Command {
  return new Command('describe')
    .description("what an API's OpenAPI or AsyncAPI description says of this server, ready to paste")
    .addOption(new Option('--openapi', 'for OpenAPI 3').conflicts('asyncapi'))
    .option('--asyncapi', 'for AsyncAPI 3')
    .option('--resource <uri>', 'of the one API that is registered so: tokens for it, your own scopes alone')
    .option('--json', 'print JSON, not YAML')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = { format: formatOf(options), ...(await readApi(options)) };
      if (options.json) return print(describeApi(api), true);
      writeData(stringify(describeApi(api), { lineWidth: 0 }));
    });
}

function formatOf({ openapi, asyncapi }: Options): DescriptionFormat {
  if (!openapi && !asyncapi)
    throw new CommandError(2, 'add --openapi or --asyncapi: which description it is for');
  return openapi ? 'openapi' : 'asyncapi';
}

/** Without a resource the settings are enough, and no database is opened. */
async function readApi({ config, resource }: Options): Promise<{ settings: Settings; resource?: string }> {
  if (resource === undefined) return { settings: readSettings(config) };
  return withGatehouse(config, async ({ settings, db }) => {
    const registered = await findResource(db, resource);
    if (registered) return { settings, resource: registered.resource };
    const advice =
      'gatehouse client create --grant-type client_credentials --name NAME --resource URI registers one';
    throw new CommandError(3, `no client answers for the resource ${shown(resource)}; ${advice}`);
  });
}
