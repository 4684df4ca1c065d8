/** argon2id in a child process of idle priority; it runs while passwords are hashed, and a minute longer. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Argon, argonHere, askArgon, type HashingQuestion } from './argon.ts';

/** hashing-child-program.js beside the built file, .ts beside the source. */
const PROGRAM = fileURLToPath(new URL(`./hashing-child-program${extname(import.meta.url)}`, import.meta.url));
/** From util-linux: sets idle priority, so that any other process gets a processor at once. Measured: token p99 3.6 ms; with nice 19, 7 ms. */
const CHRT = ['/usr/bin/chrt', '/bin/chrt'].find((path) => existsSync(path));
const IDLE_MS = 60_000;
/** On a machine that is always busy the child may get no time: after this the server hashes the password itself. */
const PATIENCE_MS = 500;

export interface HashingAnswer {
  readonly id: number;
  readonly result: string | boolean;
}

type Settle = (result: string | boolean) => void;

/** Hashes up to `threads` passwords at once. */
export function createHashingChild(threads: number): Argon {
  const pending = new Map<number, Settle>();
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let canIdle = CHRT !== undefined;
  let lastId = 0;

  function start(): ChildProcess {
    const started = forkHashing(threads, canIdle);
    let hasAnswered = false;
    started.on('message', ({ id, result }: HashingAnswer) => {
      hasAnswered = true;
      pending.get(id)?.(result);
    });
    const lose = () => {
      if (!hasAnswered) canIdle = false;
      if (child === started) child = undefined;
    };
    started.once('error', lose).once('exit', lose);
    // The child must not keep the server running; its sockets do while a client waits.
    started.unref();
    started.channel?.unref();
    return started;
  }

  function stop(): void {
    clearTimeout(idle);
    const ending = child;
    child = undefined;
    if (ending?.connected) ending.disconnect();
  }

  function run(phc: string | undefined, password: string): Promise<string | boolean> {
    clearTimeout(idle);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const impatient = setTimeout(
        () => askArgon(argonHere, phc, password).then(settle, reject),
        PATIENCE_MS,
      );
      function settle(result: string | boolean): void {
        clearTimeout(impatient);
        pending.delete(id);
        if (pending.size === 0) idle = setTimeout(stop, IDLE_MS).unref();
        resolve(result);
      }
      pending.set(id, settle);
      child ??= start();
      // If sending fails, no answer arrives, and the time limit applies.
      child.send({ id, phc, password } satisfies HashingQuestion, () => {});
    });
  }

  return {
    hash: async (password) => String(await run(undefined, password)),
    verify: async (phc, password) => (await run(phc, password)) === true,
    close: stop,
  };
}

/** Starts the child with `threads` threads and none of the server's secrets. */
function forkHashing(threads: number, whenIdle: boolean): ChildProcess {
  const options = process.execArgv.filter((option) => !/^--(cpu-prof|heap-prof|inspect)/.test(option));
  const idleChrt = whenIdle ? CHRT : undefined;
  return fork(PROGRAM, {
    env: { UV_THREADPOOL_SIZE: String(threads), MALLOC_ARENA_MAX: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(idleChrt === undefined
      ? { execArgv: options }
      : { execPath: idleChrt, execArgv: ['--idle', '0', process.execPath, ...options] }),
  });
}
