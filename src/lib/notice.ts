/** A message that a page shows once, after an action or at the end of an interaction; the page has a text for it. */
export type Notice =
  | 'over'
  | 'password'
  | 'password-changed'
  | 'session-ended'
  | 'sessions-ended'
  | 'revoked';
