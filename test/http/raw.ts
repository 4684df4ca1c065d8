/** Bytes over a socket, for what no HTTP client would send. */
import { connect, type Socket } from 'node:net';

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
  });
}

/** Everything that comes back until the other side closes. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.once('close', () => resolve(text)).on('error', () => socket.destroy());
  });
}

/** Sends the text, which must make the other side close. */
export async function exchange(port: number, text: string | Buffer): Promise<string> {
  const socket = await open(port);
  const answer = readToEnd(socket);
  socket.write(text);
  return answer;
}

/** Resolves when the next bytes have come. */
export function readOnce(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
}

/** Resolves once new connections are refused. */
export async function waitUntilRefused(ofPort: number): Promise<void> {
  for (;;) {
    const socket = await open(ofPort).catch(() => undefined);
    if (!socket) return;
    socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
