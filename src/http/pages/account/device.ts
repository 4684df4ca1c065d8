/** What a person knows a browser by. */
import Bowser from 'bowser';

/** Such as `Firefox (Windows)`, the same in every language; what it says of itself where that names no browser. */
export function nameDevice(userAgent: string): string {
  // Bowser takes no empty text.
  if (userAgent === '') return '';
  const { browser, os } = Bowser.parse(userAgent);
  return browser.name && os.name ? `${browser.name} (${os.name})` : userAgent;
}
