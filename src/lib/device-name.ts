/** The name by which a user recognizes a browser. */
import Bowser from 'bowser';

/** For example `Firefox (Windows)`, the same in every language; the whole User-Agent where no browser is recognized in it. */
export function nameDevice(userAgent: string): string {
  // Bowser throws for an empty text.
  if (userAgent === '') return '';
  const { browser, os } = Bowser.parse(userAgent);
  return browser.name && os.name ? `${browser.name} (${os.name})` : userAgent;
}
