/** A client of TLS 1.3 that makes its records itself, once the handshake is done. RFC 8446 §4.6.3, §5.2, §7.1 to §7.3 */
import { createCipheriv, createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { open } from './raw.ts';
import { ca } from './tls-peer.ts';

const [HANDSHAKE, APPLICATION_DATA] = [22, 23];
/** update_not_requested */
const KEY_UPDATE = Buffer.from([24, 0, 0, 1, 0]);

export interface RecordClient {
  /** Below TLS: records are written here. */
  readonly socket: Socket;
  /** What the server sends is read here. */
  readonly secure: TLSSocket;
  /** Records that hold so many bytes of the text each. */
  data(text: string, each?: number): Buffer;
  keyUpdates(count: number): Buffer;
}

export async function openRecordClient(port: number): Promise<RecordClient> {
  const socket = await open(port);
  const ciphers = 'TLS_AES_128_GCM_SHA256';
  const options = { servername: 'localhost', ca, ciphers, minVersion: 'TLSv1.3' } as const;
  const secure = connect({ ...options, socket: streamOf(socket) }).on('error', () => {});
  let secret = Buffer.alloc(0);
  secure.on('keylog', (line) => {
    const [name, , value = ''] = String(line).trim().split(' ');
    if (name === 'CLIENT_TRAFFIC_SECRET_0') secret = Buffer.from(value, 'hex');
  });
  await once(secure, 'secureConnect');
  return { socket, secure, ...createRecords(secret) };
}

/** A stream of JavaScript's, so that records can be written beside those of Node's TLS. */
function streamOf(socket: Socket): Duplex {
  const stream = new Duplex({
    read() {},
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
  });
  socket.on('data', (chunk) => void stream.push(chunk)).on('error', () => {});
  socket.once('close', () => stream.destroy());
  return stream;
}

function createRecords(first: Buffer): Pick<RecordClient, 'data' | 'keyUpdates'> {
  let secret = first;
  let sequence = 0;

  function seal(type: number, content: Buffer): Buffer {
    const header = Buffer.from([APPLICATION_DATA, 3, 3, 0, 0]);
    header.writeUInt16BE(content.length + 17, 3);
    const nonce = expand(secret, 'iv', 12);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    sequence += 1;
    const cipher = createCipheriv('aes-128-gcm', expand(secret, 'key', 16), nonce).setAAD(header);
    const sealed = [cipher.update(content), cipher.update(Buffer.from([type])), cipher.final()];
    return Buffer.concat([header, ...sealed, cipher.getAuthTag()]);
  }

  return {
    data(text, each = 16_384) {
      const bytes = Buffer.from(text);
      const parts = Array.from({ length: Math.ceil(bytes.length / each) }, (_, index) =>
        seal(APPLICATION_DATA, bytes.subarray(index * each, (index + 1) * each)),
      );
      return Buffer.concat(parts);
    },
    keyUpdates(count) {
      const made: Buffer[] = [];
      for (let index = 0; index < count; index += 1) {
        made.push(seal(HANDSHAKE, KEY_UPDATE));
        secret = expand(secret, 'traffic upd', 32);
        sequence = 0;
      }
      return Buffer.concat(made);
    },
  };
}

/** HKDF-Expand-Label without a context, of one block of SHA-256. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}
