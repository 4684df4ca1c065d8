import type { Goal } from './report.ts';

/** What each kind of work must reach at {@link GOAL_CONCURRENCY}, times oidc-provider's. */
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

/** Resident memory in MB, at most: of a server that has nothing to do, and of one that had everything. */
export const memoryGoals = { idleMb: 110, busyMb: 200 };
