export { type Brand, type Branding, makeBrand, PLAIN } from './brand.ts';
export { type FramedPage, framedPage } from './framed.ts';
export { type LauncherApp, type LauncherPage, launcherPage } from './launcher.ts';
export { Page } from './layout.ts';
export { type PasswordPage, passwordPage } from './password.ts';
export { type DeniedPage, deniedPage, type ErrorPage, errorPage, notFoundPage } from './problem.ts';
export { type ChooserPage, chooserPage, frameEscapePage } from './sign-in.ts';
export { type SignOutPage, signedOutPage, signOutPage } from './sign-out.ts';
export { type StartingPage, startingPage } from './starting.ts';
