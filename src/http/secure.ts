/** TLS before HTTP. Whatever a client sends to it is bounded: hello.ts looks at what comes first, records.ts at the rest. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { awaitHello } from './hello.ts';
import { boundRecords } from './records.ts';
import { createTap } from './tap.ts';
import type { tlsOptions } from './tls.ts';

/** Has a server of plain HTTP speak it over TLS alone; a handshake has `withinMs`. */
export function secureServer(
  server: Server,
  options: ReturnType<typeof tlsOptions>,
  withinMs: number,
): Server {
  const secureContext = createSecureContext(options);
  const tap = createTap();
  const takers = server.listeners('connection');
  return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    awaitHello(socket, withinMs, (begun) => {
      // Whoever ends its side hears no answer, as with Node's own https; HTTP keeps the other side open.
      socket.allowHalfOpen = false;
      const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
      boundRecords(tap, socket, secure, begun);
      awaitHandshake(secure, withinMs, () => {
        server.emit('secureConnection', secure);
        for (const take of takers) take.call(server, secure);
      });
    });
  });
}

function awaitHandshake(secure: TLSSocket, withinMs: number, handOn: () => void): void {
  const destroy = () => secure.destroy();
  const overdue = setTimeout(destroy, withinMs);
  secure.once('close', () => clearTimeout(overdue)).on('_tlsError', destroy);
  secure.once('secure', () => {
    clearTimeout(overdue);
    handOn();
  });
}
