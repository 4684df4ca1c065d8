/** The clients that are run, in the order of the table. */
import type { ClientUnderTest } from './client.ts';
import { goClients } from './go-clients.ts';
import { javaClients } from './java-clients.ts';
import { npmClients } from './npm-clients.ts';
import { pythonClients } from './python-clients.ts';
import { rustClients } from './rust-clients.ts';

export const catalogue: readonly ClientUnderTest[] = [
  ...npmClients,
  ...pythonClients,
  ...goClients,
  ...javaClients,
  ...rustClients,
];
