import type { ClientUnderTest } from './client.ts';
import { go as language } from './languages.ts';

export const goClients: readonly ClientUnderTest[] = [
  {
    name: 'go-oidc with x/oauth2',
    package: 'github.com/coreos/go-oidc/v3',
    language,
    program: 'go-oidc',
    without: ['API', 'introspection'],
  },
  {
    name: 'zitadel/oidc rp and rs',
    package: 'github.com/zitadel/oidc/v3',
    language,
    program: 'zitadel-oidc',
    without: ['API'],
  },
  {
    name: 'hashicorp/cap',
    package: 'github.com/hashicorp/cap',
    language,
    program: 'cap',
    without: ['API', 'refresh', 'introspection'],
  },
  {
    name: 'goth',
    package: 'github.com/markbates/goth',
    language,
    program: 'goth',
    without: ['API', 'introspection'],
  },
  {
    name: 'oauth2-proxy',
    package: 'github.com/oauth2-proxy/oauth2-proxy/v7',
    language,
    program: 'oauth2-proxy',
    without: ['API', 'introspection'],
    login: '/oauth2/start?rd=/me',
    callback: '/oauth2/callback',
    note: '`cookie_refresh`, without which it does not refresh',
  },
];
