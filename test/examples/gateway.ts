/** The gateway of a stage in the hands of a test; its clock by libfaketime, of Debian's faketime. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

const LIBRARIES = '/usr/lib';

export interface NginxClock {
  /** It stands at that moment from now on. */
  set(ms: number): void;
}

/** It asks about every token anew. */
export async function forgetAnswers(stage: Stage): Promise<void> {
  const gateway = stage.program(8080);
  await gateway.end();
  rmSync(join(stage.directory, 'gateway', 'answers'), { recursive: true });
  await gateway.again();
}

/** The gateway of the stage starts again under a clock that stands. */
export async function holdGateway(stage: Stage, ms: number): Promise<NginxClock> {
  const file = join(stage.directory, 'clock');
  const set = (at: number) =>
    writeFileSync(file, `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}\n`);
  set(ms);
  const own = {
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // Timers go on.
    DONT_FAKE_MONOTONIC: '1',
    TZ: 'UTC',
  };
  // nginx leaves its workers no other variables.
  const settings = join(stage.directory, 'examples/api/nginx.conf');
  const lines = Object.keys(own).map((name) => `env ${name};\n`);
  writeFileSync(settings, lines.join('') + readFileSync(settings, 'utf8'));
  await stage.program(8080).again({ LD_PRELOAD: library(), ...own });
  return { set };
}

function library(): string {
  const [found] = readdirSync(LIBRARIES)
    .map((name) => join(LIBRARIES, name, 'faketime'))
    .flatMap((folder) => {
      try {
        return readdirSync(folder).map((file) => join(folder, file));
      } catch {
        return [];
      }
    })
    .filter((path) => path.endsWith('libfaketime.so.1'));
  if (found === undefined) throw new Error('no libfaketime.so.1: apt-get install faketime');
  return found;
}
