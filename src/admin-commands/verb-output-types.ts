import type { Printed } from './noun-and-verb-types.ts';

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
