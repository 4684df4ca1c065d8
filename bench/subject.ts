/** A server under measurement: a process of its own, and what the workloads need to know of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface Paths {
  readonly token: string;
  readonly authorize: string;
  readonly introspect: string;
  readonly revoke: string;
  readonly userinfo: string;
  readonly discovery: string;
}

export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly paths: Paths;
  /** A confidential client (client_secret_basic): client_credentials, authorization_code; it introspects. */
  readonly web: { readonly client_id: string; readonly client_secret: string; readonly redirect_uri: string };
  /** A public client with PKCE and refresh tokens. */
  readonly app: { readonly client_id: string; readonly redirect_uri: string };
  /** The Cookie header of a browser that is signed in and has consented. */
  readonly cookie: string;
  /**
   * Signs in and consents once more, for the cookie of a new session. Where a grant belongs to the session and not to the
   * authorization, a workload that ends grants needs one session for each.
   */
  readonly newSession?: () => Promise<string>;
  /** How many tokens are prepared for one second of revoking, where it is not the most that any server revokes. */
  readonly revocationsPerSecond?: number;
  /** The database file, where there is one. */
  readonly file?: string;
  stop(): Promise<void>;
}

/** Starts a program and gives it when it has printed a line that `ready` matches. Throws with what it wrote. */
export async function startProcess(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(command, parameters, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const started = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
  });
  await started;
  return child as ChildProcess & { pid: number };
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

const TICKS_PER_SECOND = 100;

/** Processor time that the process has used, in microseconds. Linux, proc(5). */
export function cpuMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

/** The start is complete by then, and V8 has not given its memory back yet. */
const STARTED_MS = 15_000;
/** Measured: V8 gives it back after 34 to 50 s of quiet here; by its own clock within 100. */
const GIVEN_BACK_WITHIN_MS = 110_000;

/** Resident memory in MB of a server that has nothing to do, once it is no more than `limitMb` or V8 had its time. */
export async function idleMemoryMb(pid: number, limitMb: number): Promise<number> {
  await pause(STARTED_MS);
  const endMs = performance.now() + GIVEN_BACK_WITHIN_MS;
  while (memoryMb(pid) > limitMb && performance.now() < endMs) await pause(1000);
  return memoryMb(pid);
}

/** Resident memory of the process in MB. */
export function memoryMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
