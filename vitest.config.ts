import { defineConfig } from 'vitest/config';
import { ownProcess } from './test/support/own-process.ts';

const all = 'test/**/*.test.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/program.ts', 'test/support/scratch.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Loading the server for each file again was a third of the suite's processor time.
    projects: [
      { extends: true, test: { name: 'shared', include: [all], exclude: [...ownProcess], isolate: false } },
      { extends: true, test: { name: 'own process', include: [...ownProcess] } },
    ],
  },
});
