import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';

/** Runs `gatehouse health` against a server that says no more than this, and keeps its connections. */
async function healthOf(said: string) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.resume().write(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const shell = `GATEHOUSE_LISTEN=127.0.0.1:${port} exec "$@"`;
  const { code, err } = await runCommand(tmpdir(), 'sqlite:none.db', ['health'], { shell });
  for (const socket of sockets) socket.destroy();
  server.close();
  return { code, err };
}

test('health ends although no server answers', async () => {
  expect(await healthOf('')).toEqual({ code: 1, err: expect.stringContaining('no answer') });
});

test('health ends where another protocol is answered', async () => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n';
  expect(await healthOf(head)).toEqual({ code: 1, err: expect.stringContaining('answers 101') });
});

test('health ends where an answer never does', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';
  expect(await healthOf(head)).toEqual({ code: 0, err: expect.stringContaining('ready') });
  const half = 'HTTP/1.1 503 Service Unavailable\r\nX-Half: ';
  expect(await healthOf(half)).toEqual({ code: 1, err: expect.stringContaining('no answer') });
});
