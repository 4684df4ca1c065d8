/** strace on a running process: to fail or to watch its system calls. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const ATTACH_MS = 700;

export interface Attached {
  /** Detaches; the process goes on as if nothing had been. */
  detach(): Promise<void>;
}

/** The reason why it cannot be used; undefined where it can. */
export function whyNoStrace(): string | undefined {
  const { status, error } = spawnSync('strace', ['-o', '/dev/null', 'true']);
  if (error) return 'strace is not installed';
  return status === 0 ? undefined : 'strace may not watch processes here';
}

export async function attach(pid: number, parameters: readonly string[]): Promise<Attached> {
  const child: ChildProcess = spawn('strace', ['-f', '-q', ...parameters, '-p', String(pid)], {
    stdio: 'ignore',
  });
  await new Promise((resolve) => setTimeout(resolve, ATTACH_MS));
  return {
    async detach() {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
    },
  };
}
