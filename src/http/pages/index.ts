import { appsPage } from './account/apps.ts';
import { homePage } from './account/home.ts';
import { passwordPage } from './account/password.ts';
import { recoveryCodesPage } from './account/recovery-codes.ts';
import { sessionsPage } from './account/sessions.ts';
import { everywherePage } from './account/sign-out-everywhere.ts';
import { authenticatorPage } from './account/totp.ts';
import { authorizePage, resumePage } from './authorize-and-resume.ts';
import { changePasswordPage } from './change-password-url.ts';
import { clientLogoPage } from './client-logo.ts';
import { consentPage } from './consent.ts';
import { faviconPage } from './favicon.ts';
import { loginPage } from './login.ts';
import { logoutPage } from './logout.ts';
import type { Page } from './page.ts';
import { recoveryCodePage } from './recovery-code.ts';
import { startPage } from './redirect-to-account.ts';
import { selectAccountPage } from './select-account.ts';
import { signedOutPage } from './signed-out.ts';
import { languagePage } from './store-chosen-language.ts';
import { totpPage } from './totp.ts';

/** The pages for users. */
export const pages: readonly Page[] = [
  startPage,
  authorizePage,
  resumePage,
  selectAccountPage,
  loginPage,
  totpPage,
  recoveryCodePage,
  consentPage,
  clientLogoPage,
  languagePage,
  logoutPage,
  signedOutPage,
  homePage,
  passwordPage,
  authenticatorPage,
  recoveryCodesPage,
  sessionsPage,
  everywherePage,
  appsPage,
  changePasswordPage,
  faviconPage,
];
