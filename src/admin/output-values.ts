/** What is printed, with a sentence for the person who typed the command: JSON stays one value. */
export class Said {
  readonly value: unknown;
  readonly sentence: string;
  constructor(value: unknown, sentence: string) {
    this.value = value;
    this.sentence = sentence;
  }
}

/** A text of several lines, which people paste as it stands. */
export class Lines {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return this.text;
  }
}
