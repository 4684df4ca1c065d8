import type { FastifyRequest } from 'fastify';
import { OAuthError } from '../../oauth/errors.ts';
import { clientLogo } from '../../oauth/page-models/find-client-logo.ts';
import { openToEverybody } from './who-may-open-page.ts';

const MAX_AGE_SECONDS = 3600;
/** If the image is opened as a page: it has no origin, and cannot run scripts, load resources or navigate. */
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/**
 * The logo of an app. RFC 7591 §2 logo_uri. These are untrusted bytes on our origin, so they are served only to img elements of our own
 * pages.
 */
export const clientLogoPage = openToEverybody({
  path: '/client-logo/:client_id',

  async show(tools, request, reply) {
    checkDestination(request);
    const { client_id } = request.params as { client_id: string };
    const { type, body } = await clientLogo(tools, client_id);
    return (
      reply
        .header('content-security-policy', POLICY)
        // An img element ignores this header; an old browser, which sends no Sec-Fetch-Dest, saves the image.
        .header('content-disposition', `attachment; filename="logo.${type}"`)
        .header('cross-origin-resource-policy', 'same-origin')
        .header('vary', 'sec-fetch-dest')
        .header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
        .type(`image/${type}`)
        .send(body)
    );
  },
});

/** Fetch Metadata §2.1. Absent: a browser of before 2023. */
function checkDestination({ headers }: FastifyRequest): void {
  const destination = headers['sec-fetch-dest'];
  if (destination === undefined || destination === 'image') return;
  throw new OAuthError(
    'invalid_request',
    'not_as_image',
    'a logo is shown in a page, and is no page itself',
    {
      status: 403,
    },
  );
}
