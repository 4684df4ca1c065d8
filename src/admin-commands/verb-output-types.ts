import type { Refusal } from '../lib/outcome.ts';

/** A value to print, with a sentence for the operator, which goes to standard error: the JSON output stays one value. */
export class WithNotice {
  readonly value: Printed;
  readonly sentence: string;
  constructor(value: Printed, sentence: string) {
    this.value = value;
    this.sentence = sentence;
  }
}

/** A text of several lines, printed below the table so that it can be pasted unchanged. */
export class Lines {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return this.text;
  }
}

/** One part of a list. `rest` says how to list the rows after it; undefined at the end. */
export class Part {
  readonly value: Printed;
  readonly rest: string | undefined;
  /** A warning about these rows. */
  readonly warning: string | undefined;
  constructor(value: Printed, rest: string | undefined, warning?: string | undefined) {
    this.value = value;
    this.rest = rest;
    this.warning = warning;
  }
}

/**
 * What a verb prints, or a Refusal. A verb that returns nothing does not compile: it would print nothing and exit with 0.
 * A list is a Part (read-part-of-list.ts), a value with a sentence for the operator WithNotice.
 */
export type Printed = object | Refusal;
