/** For each setting an example line, for error messages. */
import { describeSettings } from './describe-settings.ts';

/** For settings without a default, or with one only for development. JSON is valid in YAML and in the environment. */
const EXAMPLES: Readonly<Record<string, string>> = {
  issuer: 'https://id.example.com',
  database: 'sqlite:/var/lib/gatehouse/gatehouse.db',
  master_key: 'what `openssl rand -base64 48` prints',
  tls_cert: '/etc/ssl/id.example.com.pem',
  tls_key: '/etc/ssl/id.example.com.key',
  trusted_proxies: '127.0.0.1, 10.0.0.0/8',
  outbound_ca: '/etc/ssl/our-authority.pem',
  outbound_allow: 'intern.example, 10.0.0.0/8',
  smtp_url: 'smtps://USER:PASSWORD@mail.example.com',
  mail_from: 'Example <id@example.com>',
  metrics_listen: '127.0.0.1:9464',
  scopes: '{"reports": "Read your reports"}',
  claims: '{"email": {"in": ["id_token", "userinfo"]}}',
  further_signing_algorithms: 'PS256, EdDSA',
  max_connections_per_address: '2048',
};

/** A line `name: value` for gatehouse.yaml, with the example above or the default of the setting. */
export function exampleOf(setting: string): string {
  const preset = describeSettings().find(({ name }) => name === setting)?.preset;
  return `${setting}: ${EXAMPLES[setting] ?? preset}`;
}
