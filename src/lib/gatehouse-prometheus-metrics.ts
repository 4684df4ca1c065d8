/** Metrics for Prometheus, in a separate registry for each Gatehouse of the process. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** Counts an audit event. */
  count(event: { readonly type: string; readonly reason?: string | undefined }): void;
  /** Counts an answered request; `route` is a route's pattern, never a client's text. */
  observe(request: { route: string; method: string; status: number; durationMs: number }): void;
  /** Counts a refused connection; `setting` is the bound that it exceeded. */
  refuseConnection(setting: string): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/**
 * Makes what /metrics shows: the three metrics below and the default ones of prom-client. Every name begins with
 * `gatehouse_`.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'gatehouse_' });
  const events = new Counter({
    name: 'gatehouse_events_total',
    help: 'Audit events by type and reason',
    labelNames: ['type', 'reason'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'gatehouse_request_duration_seconds',
    help: 'Answered requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const refused = new Counter({
    name: 'gatehouse_connections_refused_total',
    help: 'Connections that were refused, by the setting that bounds them',
    labelNames: ['setting'],
    registers: [registry],
  });
  return {
    count: ({ type, reason }) => events.inc({ type, reason: reason ?? '' }),
    observe({ route, method, status, durationMs }) {
      durations.observe({ route, method, status }, durationMs / 1000);
    },
    refuseConnection: (setting) => refused.inc({ setting }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
