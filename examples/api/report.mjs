/** A program without a person: it asks for a token as itself and counts the orders. RFC 6749 §4.4 */
import { readFileSync } from 'node:fs';

const { ISSUER = 'http://localhost:4000', API = 'http://localhost:8080' } = process.env;
const RESOURCE = 'https://api.example.com';
const [file] = process.argv.slice(2);

const { client_id, client_secret } = JSON.parse(readFileSync(file, 'utf8'));
const pair = [client_id, client_secret].map(encodeURIComponent).join(':');

async function accessToken() {
  const answer = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: RESOURCE,
      scope: 'orders:report',
    }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`no token: ${body.error}: ${body.error_description}`);
  return body.access_token;
}

const answer = await fetch(`${API}/report`, { headers: { authorization: `Bearer ${await accessToken()}` } });
if (!answer.ok)
  throw new Error(`the API answered ${answer.status} ${answer.headers.get('www-authenticate') ?? ''}`);
const { orders } = await answer.json();
console.log(`orders: ${orders}`);
