/** What ending a session may touch where apps are notified of it. */
import type { SessionEndContext } from '../../identity/context.ts';
import type { OAuthContext } from '../context.ts';

/** To end a session and tell the apps that it was used at. */
export type EndingContext = SessionEndContext & Pick<OAuthContext, 'db' | 'outbox' | 'settings' | 'subjects'>;
