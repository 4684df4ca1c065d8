/** The members that users consented to. More of them for a client that registered itself, as the operator does not vouch for it. */
export const CONSENTED = ['client_name', 'redirect_uris', 'scope'] as const;
export const CONSENTED_OF_SELF_REGISTERED = [
  ...CONSENTED,
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'client_uri',
  'frontchannel_logout_uri',
  'backchannel_logout_uri',
  'post_logout_redirect_uris',
  'jwks',
  'jwks_uri',
] as const;
