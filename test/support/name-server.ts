/** A name server on a loopback address, over UDP. RFC 1035 §4.1 */
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Addresses, NXDOMAIN, an alias without an address, or no answer. */
export type Answer = readonly string[] | 'none' | 'alias' | 'silent';

export interface NameServer {
  readonly port: number;
  /** The questions in order, as `name type`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<number, 'A' | 'AAAA'>> = { 1: 'A', 28: 'AAAA' };

/** Calls `answer` for each question; sends those of its addresses that have the requested type. */
export async function startNameServer(
  answer: (name: string, type: 'A' | 'AAAA') => Answer,
  { port = 0, ttlSeconds = 60 } = {},
): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end, type } = readQuestion(query);
    asked.push(`${name} ${type}`);
    const told = answer(name, type);
    if (told === 'silent') return;
    const addresses =
      typeof told === 'string' ? [] : told.filter((one) => one.includes(':') === (type === 'AAAA'));
    const records = told === 'alias' ? [ALIAS] : addresses.map((address) => record(address, ttlSeconds));
    socket.send(
      Buffer.concat([head(query, told === 'none', records.length), query.subarray(12, end), ...records]),
      from.port,
    );
  });
  await new Promise<void>((done, fail) => {
    socket.once('error', fail);
    socket.bind(port, '127.0.0.1', done);
  });
  return {
    port: (socket.address() as AddressInfo).port,
    asked,
    close: () => new Promise((done) => socket.close(() => done())),
  };
}

function readQuestion(query: Buffer): { name: string; end: number; type: 'A' | 'AAAA' } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = TYPES[query.readUInt16BE(at + 1)];
  if (!type) throw new Error('only addresses are asked for');
  return { name: labels.join('.').toLowerCase(), end: at + 5, type };
}

/** An answer, recursion available, to one question. */
function head(query: Buffer, isNone: boolean, count: number): Buffer {
  const bytes = Buffer.alloc(12);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(isNone ? 0x8183 : 0x8180, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(count, 6);
  return bytes;
}

/** A CNAME of the requested name, to itself. */
const ALIAS = Buffer.from('c00c' + '0005' + '0001' + '0000003c' + '0002' + 'c00c', 'hex');

/** Reads the requested name, which begins at byte 12. */
function record(address: string, ttlSeconds: number): Buffer {
  const data = Buffer.from(ipaddr.parse(address).toByteArray());
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(0xc00c, 0);
  bytes.writeUInt16BE(data.length === 4 ? 1 : 28, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(ttlSeconds, 6);
  bytes.writeUInt16BE(data.length, 10);
  return Buffer.concat([bytes, data]);
}
