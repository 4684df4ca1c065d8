/**
 * TABLE of what people are told by mail because it changes the security of their account. What happened is the text
 * `mail.text_…` of views/locales, the subject `mail.subject_…`.
 */

/** What the person can do, in the text `mail.advice_…`, and at which of our own pages. */
export type NoticeAdvice = keyof typeof advicePages;

/** Paths below the issuer; undefined where only the operator can do something. */
export const advicePages = {
  account: '/account',
  app: '/account/apps',
  operator: undefined,
} as const;

export const securityNotices = {
  password_changed: 'account',
  password_set: 'operator',
  sessions_ended: 'account',
  sessions_revoked: 'operator',
  email_changed: 'operator',
  refresh_token_reused: 'app',
  user_disabled: 'operator',
  new_browser: 'account',
  totp_enrolled: 'account',
  totp_replaced: 'account',
  totp_removed: 'account',
  recovery_codes_made: 'account',
  second_factors_removed: 'operator',
} as const satisfies Readonly<Record<string, NoticeAdvice>>;

export type SecurityNotice = keyof typeof securityNotices;
