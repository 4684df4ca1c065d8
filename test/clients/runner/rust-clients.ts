import type { ClientUnderTest } from './client.ts';
import { rust as language } from './languages.ts';

export const rustClients: readonly ClientUnderTest[] = [
  { name: 'openidconnect', language, program: 'openidconnect', without: ['API'] },
];
