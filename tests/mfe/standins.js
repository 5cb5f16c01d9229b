/*
 * What a micro-frontend has and the widget imports: for each package, what it is here. Paragon's
 * components are plain elements; messages are formatted by the real react-intl.
 */
import { createElement } from 'react';

// What a test sets: `get` answers requests, `locale` is the page's, `logged` are errors.
const page = () => globalThis.page;
const element = (name, keep = []) => ({ children, ...rest }) => createElement(
  name,
  Object.fromEntries(Object.entries(rest).filter(([key]) => keep.includes(key))),
  children,
);

export { createIntl } from 'react-intl';

export const Button = element('button', ['onClick', 'aria-disabled']);
export const Card = element('article');
Card.Header = ({ title }) => createElement('header', null, title);
Card.Section = element('div');
export const ProgressBar = ({ now, max }) => createElement('progress', { value: now, max });
export const Skeleton = element('i');

export const getConfig = () => ({ LMS_BASE_URL: 'https://lms.example.com' });
export const getSiteConfig = () => ({ lmsBaseUrl: 'https://lms.example.com' });
export const getAuthenticatedHttpClient = () => ({ get: (...args) => page().get(...args) });
export const getLocale = () => page().locale;
export const logError = (error) => page().logged.push(error);

export const DIRECT_PLUGIN = 'DIRECT_PLUGIN';
export const PLUGIN_OPERATIONS = { Insert: 'insert' };
