/** The two clients that are registered at every subject, by these names where it lets us choose them. */
export const REDIRECT_URI = 'https://app.example.com/cb';

export const web = {
  client_id: 'benchmark-web',
  client_secret: 'benchmark-web-secret-0123456789-0123456789',
  redirect_uri: REDIRECT_URI,
};
export const app = { client_id: 'benchmark-app', redirect_uri: REDIRECT_URI };
