import type { Place } from './app.ts';
import type { Language } from './language.ts';
import type { StepName } from './steps.ts';

/** A client that others wrote, and how its own README has it used. */
export interface ClientUnderTest {
  readonly name: string;
  readonly language: Language;
  /** The package that its version is read of; its name where it is left out. */
  readonly package?: string;
  /** The version itself, where no package of that name has it. */
  readonly version?: string;
  /** What is built and started in the language's folder. */
  readonly program: string;
  /** What it has no means for. */
  readonly without?: readonly StepName[];
  /** Whether it takes tokens, and signs nobody in. */
  readonly isApi?: boolean;
  /** Whether its app lives in the page. */
  readonly inChromium?: boolean;
  /** Paths of its app, where they are not /login, /callback and /logout. */
  readonly login?: string;
  readonly callback?: string;
  readonly logout?: string;
  /** Where the person comes back to after signing out, if not to /. */
  readonly afterLogout?: string;
  /** Client metadata beyond redirect URIs, with the reason in `note`. */
  readonly metadata?: (place: Place) => Record<string, unknown>;
  /** What the reader of the table should know. */
  readonly note?: string;
}
