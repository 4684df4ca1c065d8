import type { ClientUnderTest } from './client.ts';
import { python as language } from './languages.ts';

export const pythonClients: readonly ClientUnderTest[] = [
  { name: 'Authlib', language, program: 'authlib_flask', without: ['API'], note: 'in Flask' },
  {
    name: 'requests-oauthlib',
    language,
    program: 'requests_oauthlib_web',
    without: ['ID token', 'API', 'introspection'],
  },
  { name: 'requests_oauth2client', language, program: 'requests_oauth2client_web', without: ['API'] },
  {
    name: 'social-auth-core',
    language,
    program: 'social_core_oidc',
    without: ['API', 'introspection'],
    callback: '/complete/oidc/',
    note: 'in Django',
  },
  {
    name: 'mozilla-django-oidc',
    language,
    program: 'mozilla_oidc',
    without: ['API', 'refresh', 'introspection'],
    login: '/oidc/authenticate/',
    callback: '/oidc/callback/',
    logout: '/leave',
    note: '`OIDC_RP_SIGN_ALGO = "RS256"`; it renews by `prompt=none`, which is not run here',
  },
  {
    name: 'django-allauth',
    language,
    program: 'allauth_oidc',
    without: ['API', 'refresh', 'introspection'],
    login: '/accounts/oidc/gatehouse/login/',
    callback: '/accounts/oidc/gatehouse/login/callback/',
    logout: '/accounts/logout/',
  },
  { name: 'pyoidc', package: 'oic', language, program: 'pyoidc', without: ['API', 'introspection'] },
  {
    name: 'httpx-oauth',
    language,
    program: 'httpx_oauth_openid',
    without: ['ID token', 'API', 'introspection'],
  },
];
