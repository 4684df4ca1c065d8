import { auditEventNoun } from './audit-event.ts';
import { clientNoun } from './client.ts';
import { consentNoun } from './consent.ts';
import { grantNoun } from './grant.ts';
import { groupNoun } from './group.ts';
import { keysNoun } from './keys.ts';
import type { Noun } from './noun-and-verb-types.ts';
import { outboxNoun } from './outbox.ts';
import { sessionNoun } from './session.ts';
import { tokenNoun } from './token.ts';
import { userNoun } from './user.ts';

/** What an operator manages; the command line follows this table. */
export const nouns: readonly Noun[] = [
  clientNoun,
  userNoun,
  groupNoun,
  keysNoun,
  grantNoun,
  consentNoun,
  sessionNoun,
  tokenNoun,
  outboxNoun,
  auditEventNoun,
];
