import type { Settings } from '../../config/settings-schema.ts';
import type { Gatehouse } from '../../gatehouse.ts';

export interface Finding {
  readonly status: 'PASS' | 'WARN' | 'FAIL';
  /** What was seen. */
  readonly evidence: string;
  /** What to do; empty where nothing is to be done. */
  readonly fix: string;
}

/** A check of something that can fail in operation. */
export interface Check {
  readonly name: string;
  run(gatehouse: Gatehouse): Promise<Finding>;
}

/** A check that needs no database, so that it runs even where the database cannot be opened. */
export interface OutsideCheck {
  readonly name: string;
  look(settings: Settings): Promise<Finding>;
}

/** The finding that nothing is wrong. `evidence` is what was seen. */
export const pass = (evidence: string): Finding => ({ status: 'PASS', evidence, fix: '' });
/** Something works but should be mended with `fix`: the doctor still exits with 0. */
export const warn = (evidence: string, fix: string): Finding => ({ status: 'WARN', evidence, fix });
/** Something does not work, or is not safe, until it is mended with `fix`: the doctor exits with 1. */
export const fail = (evidence: string, fix: string): Finding => ({ status: 'FAIL', evidence, fix });
