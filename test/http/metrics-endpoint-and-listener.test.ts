/** Many who ask for the metrics at once. */
import { afterAll, expect, test, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { open, readToEnd } from './raw.ts';

const servers: TestServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

const CONNECTIONS = 16;
const SCRAPE = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
const LAST = SCRAPE.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

/** How many answers there are to four requests on each of many connections. */
async function scrape(port: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = await open(port);
      const text = readToEnd(socket);
      socket.write(SCRAPE.repeat(3) + LAST);
      return (await text).match(/gatehouse_process_cpu_user_seconds_total \d/g)?.length ?? 0;
    }),
  );
  return answers.reduce((sum, count) => sum + count, 0);
}

test.each(['beside everything else', 'on a listener of its own'])(
  'all requests within a second share one text, %s',
  async (where) => {
    const metricsPort = await freePort();
    const server = await startServer(
      where.startsWith('on a')
        ? { environment: { GATEHOUSE_METRICS_LISTEN: `127.0.0.1:${metricsPort}` } }
        : {},
    );
    servers.push(server);
    server.clock.hold();
    const port = where.startsWith('on a') ? metricsPort : Number(new URL(server.issuer).port);
    const text = vi.spyOn(server.gatehouse.metrics, 'text');
    expect(await scrape(port)).toBe(4 * CONNECTIONS);
    expect(text).toHaveBeenCalledTimes(1);
    server.clock.advance(999);
    await scrape(port);
    expect(text).toHaveBeenCalledTimes(1);
    server.clock.advance(1);
    expect(await scrape(port)).toBe(4 * CONNECTIONS);
    expect(text).toHaveBeenCalledTimes(2);
  },
);
