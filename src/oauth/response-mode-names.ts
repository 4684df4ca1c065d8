/** The names of the ways in which an authorization response may travel. OAuth 2.0 Multiple Response Types §2.1 */
export const responseModeNames = ['query', 'fragment', 'form_post'] as const;
export type ResponseModeName = (typeof responseModeNames)[number];
