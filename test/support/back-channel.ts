import type { BackChannelRequest } from '../../src/oauth/back-channel-request.ts';

/** A request to a machine endpoint as plain values; omitted members were not sent. */
export function backChannelRequest(sent: Partial<BackChannelRequest> = {}): BackChannelRequest {
  return {
    method: 'POST',
    url: 'http://localhost/token',
    endpoint: '/token',
    pathParameters: {},
    headers: {},
    pairs: [],
    json: undefined,
    query: () => [],
    certificate: () => undefined,
    source: { address: '192.0.2.1', userAgent: '', requestId: 'one' },
    ...sent,
  };
}
