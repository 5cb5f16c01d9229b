/*
 * What the two slot systems get, put together by the package and compiled. PYTHON names the
 * interpreter; it needs nothing but the source.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const ROOT = path.dirname(path.dirname(HERE));

// Beside what it imports, so that it finds React.
export function makeFolder() {
  const folder = mkdtempSync(path.join(HERE, 'node_modules', '.compiled-'));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

export async function compile(what, folder) {
  const outfile = path.join(folder, `${what}.mjs`);
  await build({
    stdin: {
      contents: execFileSync(
        process.env.PYTHON ?? 'python3',
        ['-m', 'microcred_plugin.mfe', what],
        { cwd: ROOT, encoding: 'utf8' },
      ),
      loader: 'jsx',
      resolveDir: HERE,
    },
    alias: Object.fromEntries([
      '@edx/frontend-platform', '@edx/frontend-platform/auth', '@edx/frontend-platform/i18n',
      '@edx/frontend-platform/logging', '@edx/frontend-platform/react', '@openedx/frontend-base',
      '@openedx/frontend-plugin-framework', '@openedx/paragon', 'react-router-dom',
    ].map((name) => [name, './standins.js'])),
    bundle: true,
    // Webpack's own, which says what modules there are before one is asked for.
    define: { 'require.context': 'globalThis.page.modules' },
    external: ['react', 'react-intl'],
    format: 'esm',
    jsx: 'automatic',
    outfile,
  });
  return outfile;
}

// A page's module state is lost when it is left; so is the module's, by a name of its own.
let pages = 0;
export async function opened(file) {
  pages += 1;
  const module = await import(`${pathToFileURL(file)}?page=${pages}`);
  return module.default;
}

// All text below a node, with a space between elements.
export function text(node) {
  if (node === null || typeof node === 'string') {
    return node ?? '';
  }
  const children = Array.isArray(node) ? node : node.children ?? [];
  return children.map(text).join(' ').replace(/\s+/g, ' ').trim();
}

export function failure(status) {
  return async () => {
    throw Object.assign(new Error('no'), { response: { status } });
  };
}
