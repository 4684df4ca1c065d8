import type { Metrics } from '../lib/gatehouse-prometheus-metrics.ts';
import type { OAuthContext } from '../oauth/context.ts';
import type { Renderer } from './page-renderer.ts';

/** What the HTTP endpoints need. */
export interface HttpContext extends OAuthContext {
  readonly metrics: Metrics;
}

/** …and what all pages need as well. */
export interface PageContext extends HttpContext {
  readonly renderer: Renderer;
}
