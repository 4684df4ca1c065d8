/** The guides in docs/how-to/apps, from the templates: `npx tsx test/interop/guides.ts` writes them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  applyTemplate,
  readTemplate,
  templateNames,
} from '../../src/admin-commands/client-templates-of-known-apps.ts';
import { settingsFor } from '../../src/admin-commands/settings-to-enter-in-known-app.ts';

export const guidesDirectory = new URL('../../docs/how-to/apps/', import.meta.url);

const ISSUER = 'https://id.example.com';

export function guideOf(name: string): string {
  const template = readTemplate(name);
  const url = `https://${name}.example.com`;
  const needsUrl = JSON.stringify(template.client).includes('{url}');
  const isPublic = template.client.token_endpoint_auth_method === 'none';
  const values = {
    issuer: ISSUER,
    client_id: 'CLIENT_ID',
    client_secret: isPublic ? '' : 'CLIENT_SECRET',
    url,
  };
  const { profile, ...metadata } = applyTemplate(name, url) as Record<string, unknown>;
  return `# ${template.title}

Written for ${template.version}. Gatehouse is \`${ISSUER}\` here${needsUrl ? `, the app \`${url}\`` : ''}.

## In Gatehouse

\`\`\`sh
gatehouse client create --template ${name}${needsUrl ? ` --url ${url}` : ''}
\`\`\`

It prints ${isPublic ? 'the `client_id`' : 'the `client_id` and, once, the `client_secret`'}, and what follows with both filled in. The same by hand: profile \`${profile}\` and

\`\`\`json
${JSON.stringify(metadata, null, 2)}
\`\`\`

## In the app

In ${template.where}:

\`\`\`
${settingsFor(template, values).trimEnd()}
\`\`\`

${template.notes}

People get groups by \`gatehouse group create NAME\` and \`gatehouse group add-user\` ([claims, groups and roles](../claims.md)).
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(guidesDirectory, { recursive: true });
  for (const name of templateNames()) writeFileSync(new URL(`${name}.md`, guidesDirectory), guideOf(name));
}
