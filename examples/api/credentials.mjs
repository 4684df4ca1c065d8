/** From a client's registration, how nginx proves that it is this client: RFC 6749 §2.3.1. */
import { readFileSync } from 'node:fs';

const { client_id, client_secret } = JSON.parse(readFileSync(0, 'utf8'));
const pair = [client_id, client_secret].map(encodeURIComponent).join(':');
console.log(`proxy_set_header Authorization "Basic ${Buffer.from(pair).toString('base64')}";`);
