/* What the authoring micro-frontend gets, compiled and mounted, with both of its sidebars. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  after, afterEach, before, beforeEach, describe, it, mock,
} from 'node:test';
import { createContext, createElement, useContext } from 'react';
import { act, create } from 'react-test-renderer';
import {
  compile, failure, makeFolder, opened, text,
} from './compiling.js';

const CARD_SLOT = 'org.openedx.frontend.authoring.additional_course_plugin.v1';
const SIDEBAR_SLOT = 'org.openedx.frontend.authoring.course_outline_sidebar.v1';
const COURSES = JSON.parse(readFileSync(path.join(import.meta.dirname, 'courses.json'), 'utf8'));
const KEY = 'course-v1:NordU+SQL101+2026';
const PAGE = 'https://studio.example.com/microcredentials/course/course-v1%3ANordU%2BSQL101%2B2026/';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { folder, remove } = makeFolder();
after(remove);

let file;
let page;

before(async () => { file = await compile('authoring-env-config', folder); });

// As webpack has it: a function of a file's name, which knows all names.
function modules(found) {
  return (_folder, _recursive, pattern) => Object.assign(
    async (name) => found[name],
    { keys: () => Object.keys(found).filter((name) => pattern.test(name)) },
  );
}

beforeEach(() => {
  page = {
    get: null,
    isDesktop: true,
    locale: 'en',
    logged: [],
    modules: modules({ './CourseOutline.jsx': {}, './outline-sidebar/OutlineSidebar.jsx': {} }),
    params: { courseId: KEY },
  };
  globalThis.page = page;
});
afterEach(() => mock.timers.reset());

async function plugged(slot) {
  const setConfig = await opened(file);
  const { keepDefault, plugins } = (await setConfig()).pluginSlots[slot];
  assert.equal(keepDefault, true);
  assert.equal(plugins.length, 1);
  return plugins[0];
}

async function insertedIn(slot) {
  const { op, widget } = await plugged(slot);
  assert.equal(op, 'insert');
  assert.equal(widget.type, 'DIRECT_PLUGIN');
  assert.ok(widget.priority < 50);
  return widget.RenderWidget;
}

// A sidebar as it is from Verawood on: it lists its pages, and shows the one that is asked for.
const Pages = createContext();
const INFO = { component: () => 'about the outline', icon: () => null, title: { defaultMessage: 'Info' } };

function Sidebar() {
  const pages = useContext(Pages);
  const { component, title } = pages[page.sidebar];
  return [
    createElement('nav', { key: 'nav' }, Object.entries(pages).map(([key, one]) => (
      createElement(
        'button',
        { key, title: one.tooltip?.defaultMessage },
        createElement(one.icon),
        one.title.defaultMessage,
      )
    ))),
    createElement('h1', { key: 'title' }, title.defaultMessage),
    createElement('main', { key: 'main' }, createElement(component)),
  ];
}

async function sidebarWithPages() {
  page.sidebar = 'microcredentials';
  page.modules = modules({
    './outline-sidebar/OutlineSidebar.tsx': {},
    './outline-sidebar/OutlineSidebarPagesContext.test.tsx': {},
    './outline-sidebar/OutlineSidebarPagesContext.tsx': { OutlineSidebarPagesContext: Pages },
  });
  const { op, widgetId, wrapper } = await plugged(SIDEBAR_SLOT);
  assert.deepEqual([op, widgetId], ['wrap', 'default_contents']);
  return () => createElement(
    Pages.Provider,
    { value: { info: INFO } },
    createElement(wrapper, { component: createElement(Sidebar) }),
  );
}

// All text below an element that was found.
function said(found) {
  return typeof found === 'string' ? found : found.children.map(said).join('');
}

const PLACES = {
  'card among pages and resources': () => insertedIn(CARD_SLOT),
  'entry in a sidebar of text': () => insertedIn(SIDEBAR_SLOT),
  'page of a sidebar with pages': sidebarWithPages,
};

async function mounted(component) {
  let renderer;
  await act(async () => { renderer = create(createElement(component)); });
  return renderer;
}

function requests(answer) {
  page.get = mock.fn(answer);
  return page.get.mock;
}

for (const [place, open] of Object.entries(PLACES)) {
  describe(place, () => {
    let Place;
    // What is there without us.
    const rest = place === 'page of a sidebar with pages' ? 'Info Info about the outline' : '';

    const shown = async (course, locale = 'en') => {
      page.get = async () => ({ data: course });
      page.locale = locale;
      return mounted(Place);
    };
    const links = (root) => root.findAllByType('a').map((link) => [link.props.href, said(link)]);
    const linksToPage = (root, url) => links(root).filter(([href]) => href === url)
      .map(([, name]) => name);

    beforeEach(async () => { Place = await open(); });

    it('names the first ones, says how many more there are, and leads to the page', async () => {
      const { root, toJSON } = await shown({ ...COURSES.full, waiting: 0 });
      const all = text(toJSON());
      for (const sentence of [
        'Microcredentials', 'This course counts towards 7 microcredentials:', 'Data Literacy NordU',
        'تحليل البيانات QatarU', 'and 4 more',
      ]) {
        assert.ok(all.includes(sentence), `${sentence} in ${all}`);
      }
      assert.ok(!all.includes('waiting'));
      assert.deepEqual(links(root), [
        ...COURSES.full.counts_towards.first.map(({ url, title }) => [url, title]),
        [COURSES.full.url, 'Microcredentials of this course'],
      ]);
    });

    it('says how many requests wait, before all else, and leads to them', async () => {
      const { root, toJSON } = await shown(COURSES.full);
      const all = text(toJSON());
      assert.equal(said(root.findByType('strong')), '2 requests are waiting for an answer');
      assert.ok(all.indexOf('are waiting for an answer') < all.indexOf('This course counts'));
      assert.deepEqual(linksToPage(root, COURSES.full.url), ['Answer the requests']);
    });

    it('says so where the course counts towards nothing yet', async () => {
      const { root, toJSON } = await shown(COURSES.waiting);
      assert.ok(text(toJSON()).includes('1 request is waiting for an answer'));
      assert.deepEqual(linksToPage(root, COURSES.waiting.url), ['Answer the request']);
    });

    it('invites to offer the course where it counts towards nothing', async () => {
      const { root, toJSON } = await shown(COURSES.empty);
      assert.ok(text(toJSON()).includes('does not count towards a microcredential yet'));
      assert.deepEqual(
        links(root),
        [[COURSES.empty.url, 'Offer this course to a microcredential']],
      );
      assert.deepEqual(root.findAllByType('strong'), []);
    });

    for (const name of ['reader', 'empty_reader']) {
      it(`asks nothing of who may not write the course: ${name}`, async () => {
        const { root } = await shown(COURSES[name]);
        assert.deepEqual(
          linksToPage(root, COURSES[name].url),
          ['Microcredentials of this course'],
        );
      });
    }

    it('asks Studio once, for as long as nothing is answered and after that', async () => {
      let answer;
      const asked = requests(() => new Promise((resolve) => { answer = resolve; }));
      const first = await mounted(Place);
      assert.equal(text(first.toJSON()), rest);
      await act(async () => first.unmount());
      const second = await mounted(Place);
      await act(async () => answer({ data: COURSES.one }));
      assert.ok(text(second.toJSON()).includes('Data Literacy'));
      const third = await mounted(Place);
      assert.ok(text(third.toJSON()).includes('Data Literacy'));
      assert.equal(asked.callCount(), 1);
      assert.equal(
        asked.calls[0].arguments[0],
        'https://studio.example.com/microcredentials/api/v1/courses/course-v1%3ANordU%2BSQL101%2B2026/',
      );
    });

    it('shows nothing of one course on the page of another, and asks about that', async () => {
      const { toJSON, update } = await shown(COURSES.one);
      assert.ok(text(toJSON()).includes('Data Literacy'));
      let answer;
      page.get = () => new Promise((resolve) => { answer = resolve; });
      page.params = { courseId: 'course-v1:NordU+Other+2026' };
      await act(async () => update(createElement(Place)));
      assert.equal(text(toJSON()), rest);
      await act(async () => answer({ data: COURSES.empty }));
      assert.ok(text(toJSON()).includes('does not count towards a microcredential yet'));
    });

    for (const status of [401, 403, 404]) {
      it(`shows nothing, and logs nothing, where Studio says ${status}`, async () => {
        requests(failure(status));
        const { toJSON } = await mounted(Place);
        assert.equal(text(toJSON()), rest);
        assert.deepEqual(page.logged, []);
      });
    }

    it('says that it failed, and leads to the page all the same', async () => {
      const asked = requests(failure(500));
      const { root, toJSON } = await mounted(Place);
      assert.ok(text(toJSON()).includes('could not be loaded here'));
      assert.deepEqual(links(root), [[PAGE, 'Microcredentials of this course']]);
      await mounted(Place);
      assert.equal(asked.callCount(), 1);
      assert.equal(page.logged.length, 1);
    });

    it('shows what it knows when it is old and cannot be asked for again', async () => {
      const asked = requests(async () => ({ data: COURSES.one }));
      mock.timers.enable({ apis: ['Date'] });
      await mounted(Place);
      mock.timers.tick(61 * 1000);
      page.get.mock.mockImplementation(failure(500));
      const later = await mounted(Place);
      assert.equal(asked.callCount(), 2);
      assert.ok(text(later.toJSON()).includes('Data Literacy'));
    });

    it('takes an answer of another shape for a failure', async () => {
      for (const odd of [null, '<!DOCTYPE html>', [], { counts_towards: {} }]) {
        Place = await open();
        const { toJSON } = await shown(odd);
        assert.ok(text(toJSON()).includes('could not be loaded here'));
      }
    });

    it('links to web pages only, and takes titles for text', async () => {
      const { root, toJSON } = await shown(COURSES.hostile);
      assert.deepEqual(links(root), [[PAGE, 'Answer the request']]);
      assert.ok(text(toJSON()).includes('<b>Data</b> & Literacy <i>NordU</i>'));
    });

    it('counts as the language does', async () => {
      const counted = {
        en: { 1: '1 request is waiting for an answer', 2: '2 requests are waiting for an answer' },
        'de-de': { 1: '1 Anfrage wartet auf eine Antwort', 2: '2 Anfragen warten auf eine Antwort' },
        ar: {
          1: 'طلب واحد ينتظر الرد', 2: 'طلبان ينتظران الرد', 3: '3 طلبات تنتظر الرد', 11: '11 طلبًا ينتظر الرد',
        },
        fi: { 1: '1 request is waiting for an answer', 2: '2 requests are waiting for an answer' },
      };
      for (const [locale, sentences] of Object.entries(counted)) {
        for (const [waiting, sentence] of Object.entries(sentences)) {
          Place = await open();
          const { root } = await shown({ ...COURSES.one, waiting: Number(waiting) }, locale);
          assert.equal(said(root.findByType('strong')), sentence);
        }
      }
    });
  });
}

describe('card', () => {
  for (const [isDesktop, look] of [[true, 'desktop-card'], [false, 'mobile-card']]) {
    it(`is a ${look} as the cards around it`, async () => {
      page.isDesktop = isDesktop;
      page.get = async () => ({ data: COURSES.one });
      const { root } = await mounted(await insertedIn(CARD_SLOT));
      assert.ok(root.findByType('article').props.className.split(' ').includes(look));
    });
  }
});

describe('sidebar with pages', () => {
  const named = (root) => root.findAllByType('button').map(({ children }) => children.at(-1));
  const shownIn = async (course) => {
    page.get = async () => ({ data: course });
    return mounted(await sidebarWithPages());
  };

  it('has ours as the last one', async () => {
    const { root } = await shownIn(COURSES.one);
    assert.deepEqual(named(root), ['Info', 'Microcredentials']);
    assert.equal(root.findAllByType('circle').length, 0);
  });

  it('says at its button that requests wait', async () => {
    const { root } = await shownIn(COURSES.full);
    assert.deepEqual(named(root), ['Info', 'Microcredentials: 2 requests are waiting']);
    assert.equal(root.findAllByType('circle').length, 1);
    assert.equal(
      root.findAllByType('button').at(-1).props.title,
      'Microcredentials: 2 requests are waiting',
    );
  });

  it('keeps the rest if ours should fail to render', async () => {
    const complain = mock.method(console, 'error', () => {});
    const { root, toJSON } = await shownIn({
      ...COURSES.one, counts_towards: { count: 1, first: [{ uuid: '1', title: {} }] },
    });
    complain.mock.restore();
    assert.deepEqual(named(root), ['Info', 'Microcredentials']);
    assert.equal(root.findByType('main').children.length, 1);
    assert.ok(!text(toJSON()).includes('This course'));
  });
});
