/** Schemes that no answer is ever sent to: what a browser or a system opens by itself, and does something with. */

const DENIED: ReadonlySet<string> = new Set([
  'about',
  'android-app',
  'blob',
  'chrome',
  'content',
  'data',
  'facetime',
  'facetime-audio',
  'file',
  'filesystem',
  'ftp',
  'intent',
  'itms-services',
  'jar',
  'javascript',
  'ldap',
  'ldaps',
  'livescript',
  'mailto',
  'mhtml',
  'microsoft-edge',
  'mms',
  'mmsto',
  'nfs',
  'res',
  'resource',
  'search',
  'search-ms',
  'sftp',
  'shell',
  'sip',
  'sips',
  'smb',
  'sms',
  'smsto',
  'ssh',
  'tel',
  'telnet',
  'vbscript',
  'view-source',
  'vnc',
  'ws',
  'wss',
]);

/** `protocol` is a URL's own, in lower case with its colon. Browser extensions and Windows' own handlers are families. */
export function isDeniedScheme(protocol: string): boolean {
  const scheme = protocol.slice(0, -1);
  return DENIED.has(scheme) || scheme.endsWith('-extension') || scheme.startsWith('ms-');
}
