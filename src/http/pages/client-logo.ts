import { clientLogo } from '../../oauth/requests/client-logo.ts';
import type { Page } from './page.ts';

const MAX_AGE_SECONDS = 3600;
/** An SVG may hold anything: nothing in it runs, loads or leaves. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** RFC 7591 §2 logo_uri, handed on. */
export const clientLogoPage: Page = {
  path: '/client-logo/:client_id',

  async show(tools, request, reply) {
    const { client_id } = request.params as { client_id: string };
    const { type, body } = await clientLogo(tools, client_id);
    return reply
      .header('content-security-policy', POLICY)
      .header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
      .type(type)
      .send(body);
  },
};
