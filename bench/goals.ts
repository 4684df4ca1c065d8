import type { Goal } from './report.ts';

/** The speed that each kind of work must reach at {@link GOAL_CONCURRENCY}, as a multiple of oidc-provider's. */
export const GOAL_CONCURRENCY = 64;

export const goals: readonly Goal[] = [
  { workload: 'client_credentials', wanted: 2.2 },
  { workload: 'code flow', wanted: 7 },
  { workload: 'refresh', wanted: 5 },
  { workload: 'introspection', wanted: 3.5 },
  { workload: 'revocation', wanted: 8 },
  { workload: 'discovery', wanted: 3 },
  { workload: 'userinfo', wanted: 5 },
];

/** The most resident memory in MB: of an idle server, and of one after all workloads. */
export const memoryGoals = { idleMb: 110, busyMb: 200 };
