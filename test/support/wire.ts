/** A TCP relay that can be cut without either end noticing: nothing passes, and nothing is closed. */
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** Stops all traffic, in both directions, on existing and new connections. */
  silence(): void;
  /** Lets new connections pass; existing ones stay silent, as after a host restarted. */
  mend(): void;
  close(): Promise<void>;
}

export async function openWire(to: { host: string; port: number }): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    keep(near);
    if (isSilent) return void near.pause();
    const far = keep(connect(to));
    near.pipe(far).on('close', () => near.destroy());
    far.pipe(near).on('close', () => far.destroy());
  });
  function keep(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      isSilent = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
