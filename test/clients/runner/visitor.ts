/** Somebody at a client's app and at the provider: with a browser without JavaScript, or with Chromium. */
export interface Visitor {
  /** Opens a page of the app that leads to the provider; where it leads to. */
  leaveFor(path: string): Promise<string>;
  /** From there through the pages back into the app. */
  signIn(authorization: string): Promise<void>;
  /** From there, with a yes where it is asked for; the address of the page that the person ends on. */
  signOut(logout: string): Promise<string>;
  /** Whether the provider asks who is there. */
  isAsked(authorization: string): Promise<boolean>;
  /** What the app says of itself there. */
  // biome-ignore lint/suspicious/noExplicitAny: what comes from the app is looked at member by member
  read(path: string): Promise<any>;
  close(): Promise<void>;
}
