/** Both sides of TLS for tests: the settings of a server that speaks it, an honest client, and the bytes of a hello. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url));

/** The certificate of {@link tlsEnvironment}, for localhost. */
export const ca = readFileSync(file('cert.pem'));

/** Settings of a server that serves https://localhost:PORT itself. */
export function tlsEnvironment(port: number): Record<string, string> {
  return {
    GATEHOUSE_ISSUER: `https://localhost:${port}`,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_TLS_CERT: file('cert.pem'),
    GATEHOUSE_TLS_KEY: file('key.pem'),
    GATEHOUSE_MASTER_KEY: 'a master key for this test alone, of 32 characters',
  };
}

/** One request; on a connection of its own where there is no agent. */
export function askOverTls(
  port: number,
  path: string,
  agent: Agent | false = false,
): Promise<IncomingMessage & { text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', servername: 'localhost', port, path, ca, agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.once('end', () => resolve(Object.assign(answer, { text })));
    });
    sent.once('error', reject).end();
  });
}

/** The first bytes that a client sends. */
export function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.once('data', (hello) => {
        socket.destroy();
        listener.close();
        resolve(hello);
      });
    });
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number };
      connect({ host: '127.0.0.1', port, servername: 'localhost', ca }).on('error', () => {});
    });
  });
}
