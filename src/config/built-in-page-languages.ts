/** The languages of the pages: each has its file in views/locales. */

export interface Language {
  /** BCP 47, and the name of its file in views/locales. */
  readonly tag: string;
  /** The name of the language in the language itself. */
  readonly name: string;
  readonly dir: 'ltr' | 'rtl';
}

export const languages = [
  { tag: 'en', name: 'English', dir: 'ltr' },
  { tag: 'de', name: 'Deutsch', dir: 'ltr' },
  { tag: 'fr', name: 'Français', dir: 'ltr' },
  { tag: 'es', name: 'Español', dir: 'ltr' },
  { tag: 'ja', name: '日本語', dir: 'ltr' },
  { tag: 'ar', name: 'العربية', dir: 'rtl' },
] as const satisfies readonly Language[];
