import type { Place } from './app.ts';
import type { ClientUnderTest } from './client.ts';
import { java as language } from './languages.ts';

/** The two of one Spring Boot: what signs people in, and what takes tokens. */
function springBoot(major: number, version: string): ClientUnderTest[] {
  const name = `Spring Security, Boot ${major}`;
  const project = `spring-boot-${major}`;
  return [
    {
      name: `${name}, client`,
      version,
      language,
      program: `${project}/gatehouse.app.App`,
      without: ['API', 'introspection'],
      login: '/oauth2/authorization/gatehouse',
      callback: '/login/oauth2/code/gatehouse',
      afterLogout: '',
    },
    {
      name: `${name}, resource server`,
      version,
      language,
      program: `${project}/gatehouse.api.Api`,
      isApi: true,
      without: ['sign-in', 'ID token', 'userinfo', 'refresh', 'sign-out'],
      metadata: resourceServer,
      note: '`access_token_type: JWT`',
    },
  ];
}

function resourceServer({ origin }: Place): Record<string, unknown> {
  const none = { redirect_uris: undefined, post_logout_redirect_uris: undefined };
  const resources = [`${origin}/api`];
  return { ...none, grant_types: ['client_credentials'], resources, access_token_type: 'JWT' };
}

export const javaClients: readonly ClientUnderTest[] = [
  ...springBoot(3, '3.5.7'),
  ...springBoot(4, '4.0.7'),
  {
    name: 'Nimbus OAuth 2.0 SDK',
    package: 'oauth2-oidc-sdk',
    language,
    program: 'nimbus/App',
    without: ['API'],
  },
  {
    name: 'pac4j',
    package: 'pac4j-oidc',
    language,
    program: 'pac4j/App',
    without: ['API', 'introspection'],
    callback: '/callback?client_name=OidcClient',
  },
];
