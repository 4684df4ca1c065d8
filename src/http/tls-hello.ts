/** The first message of a TLS client, whose length is looked at before TLS looks at anything else. RFC 8446 §4, §5.1 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FairQueue } from './fair-queue.ts';

/**
 * Honest ones have 2 kB at most, but for tickets. OpenSSL looks for the group of each key share in the list of all that
 * the client knows, and takes 131 kB: a hello of 65 kB was 90 ms of the event loop.
 */
const LONGEST_HELLO = 16_384;
const HANDSHAKE = 22;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** Of headers of records, which may hold a byte each. */
const MOST_AROUND = 16_384;

/**
 * Hands a connection on to TLS once its hello is there and short, for which it has `withinMs`. OpenSSL takes half a
 * millisecond for each, so they come in turns: a thousand whose last bytes come at once are no halt of half a second.
 */
export function boundHellos(server: Server, withinMs: number, fairQueue: FairQueue): Server {
  const takers = server.listeners('connection');
  return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    awaitHello(socket, withinMs, (hello) =>
      fairQueue.take(socket, () => {
        socket.unshift(hello);
        for (const take of takers) take.call(server, socket);
      }),
    );
  });
}

function awaitHello(socket: Socket, withinMs: number, handOn: (hello: Buffer) => void): void {
  const destroy = () => socket.destroy();
  const overdue = setTimeout(destroy, withinMs);
  socket.once('close', () => clearTimeout(overdue)).on('error', destroy);
  socket.once('end', destroy);
  const chunks: Buffer[] = [];
  const look = createLook();
  socket.on('readable', function read() {
    const chunk: Buffer = socket.read() ?? Buffer.alloc(0);
    chunks.push(chunk);
    const state = look(chunk);
    if (state === 'refused') destroy();
    if (state !== 'whole') return;
    clearTimeout(overdue);
    socket.off('readable', read).off('end', destroy);
    handOn(Buffer.concat(chunks));
  });
}

/** Looks at each byte once, however many reads and records they come in: all of them at each read were seconds. */
function createLook(): (chunk: Buffer) => 'begun' | 'whole' | 'refused' {
  let record: Buffer = Buffer.alloc(0);
  let message: Buffer = Buffer.alloc(0);
  let leftOfRecord = 0;
  let [bytes, read] = [0, 0];

  return (chunk) => {
    bytes += chunk.length;
    for (let rest = chunk; rest.length > 0; ) {
      if (leftOfRecord === 0) {
        const header = completed(record, RECORD_HEADER, rest);
        rest = rest.subarray(header.length - record.length);
        if (header[0] !== HANDSHAKE) return 'refused';
        const isWhole = header.length === RECORD_HEADER;
        if (isWhole) leftOfRecord = header.readUInt16BE(RECORD_HEADER - 2);
        record = isWhole ? Buffer.alloc(0) : header;
        continue;
      }
      const part = rest.subarray(0, leftOfRecord);
      rest = rest.subarray(part.length);
      leftOfRecord -= part.length;
      read += part.length;
      message = completed(message, MESSAGE_HEADER, part);
      const length = message.length < MESSAGE_HEADER ? 0 : message.readUIntBE(1, 3);
      if (length > LONGEST_HELLO) return 'refused';
      if (message.length === MESSAGE_HEADER && read >= MESSAGE_HEADER + length) return 'whole';
    }
    return bytes > read + MOST_AROUND ? 'refused' : 'begun';
  };
}

/** The header with what is missing of it. */
function completed(header: Buffer, size: number, from: Buffer): Buffer {
  if (header.length === size) return header;
  return Buffer.concat([header, from.subarray(0, size - header.length)]);
}
