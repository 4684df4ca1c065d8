export interface Options {
  readonly config?: string;
  readonly json?: boolean;
}
