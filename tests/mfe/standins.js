/*
 * What a micro-frontend has and the cards import: for each package, what it is here. Paragon's
 * components are plain elements; messages are formatted by the real react-intl.
 */
import { Component, createElement } from 'react';

// What a test sets: `get` answers requests, `locale` is the page's, `logged` are errors, `params`
// are those of its address, `isDesktop` is its width, `modules` are the micro-frontend's own.
const page = () => globalThis.page;
const element = (name, keep = []) => ({ children, ...rest }) => createElement(
  name,
  Object.fromEntries(Object.entries(rest).filter(([key]) => keep.includes(key))),
  children,
);

export { createIntl } from 'react-intl';

export const Badge = element('strong');
export const Button = element('button', ['onClick', 'aria-disabled']);
export const Card = element('article', ['className']);
Card.Header = ({ title, subtitle }) => createElement('header', null, title, subtitle);
Card.Section = element('div');
Card.Body = element('div');
export const Icon = ({ src }) => createElement(src, { role: 'img' });
export const ProgressBar = ({ now, max }) => createElement('progress', { value: now, max });
export const Skeleton = element('i');
export const useMediaQuery = () => page().isDesktop;

export class ErrorBoundary extends Component {
  static getDerivedStateFromError() {
    return { hasError: true };
  }

  constructor(props) {
    super(props);
    this.state = { hasError: false };
  }

  render() {
    return this.state.hasError ? this.props.fallbackComponent : this.props.children;
  }
}

const addresses = { LMS_BASE_URL: 'https://lms.example.com', STUDIO_BASE_URL: 'https://studio.example.com' };
export const getConfig = () => addresses;
export const getSiteConfig = () => ({ lmsBaseUrl: addresses.LMS_BASE_URL });
export const getAuthenticatedHttpClient = () => ({ get: (...args) => page().get(...args) });
export const getLocale = () => page().locale;
export const logError = (error) => page().logged.push(error);

export const useParams = () => page().params;

export const DIRECT_PLUGIN = 'DIRECT_PLUGIN';
export const PLUGIN_OPERATIONS = { Insert: 'insert', Wrap: 'wrap' };
