/** Starts a server over an empty database of each engine. */
import { startPostgres } from './postgres.ts';
import { type ServerOptions, startServer, type TestServer } from './server.ts';

export const engines = ['SQLite', 'PostgreSQL'] as const;

/** {@link startServer} over `engine`; the database ends with the server. */
export async function startServerOn(
  engine: (typeof engines)[number],
  options: ServerOptions = {},
): Promise<TestServer> {
  if (engine === 'SQLite') return startServer(options);
  const postgres = await startPostgres();
  const environment = { ...options.environment, GATEHOUSE_DATABASE: postgres.url };
  const server = await startServer({ ...options, environment });
  const stop = async () => {
    await server.stop();
    await postgres.stop();
  };
  return { ...server, stop };
}
