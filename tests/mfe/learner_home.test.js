/* The card of Learner Home as the two slot systems get it, compiled and mounted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  after, afterEach, before, beforeEach, describe, it, mock,
} from 'node:test';
import { createElement } from 'react';
import { act, create } from 'react-test-renderer';
import {
  compile, failure, makeFolder, opened, text,
} from './compiling.js';

const SLOT = 'org.openedx.frontend.learner_dashboard.widget_sidebar.v1';
const OVERVIEWS = JSON.parse(readFileSync(path.join(import.meta.dirname, 'overviews.json'), 'utf8'));

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { folder, remove } = makeFolder();
after(remove);

const SYSTEMS = {
  'env-config': async (file) => {
    const setConfig = await opened(file);
    const { keepDefault, plugins } = (await setConfig()).pluginSlots[SLOT];
    assert.equal(keepDefault, true);
    assert.equal(plugins[0].op, 'insert');
    assert.equal(plugins[0].widget.type, 'DIRECT_PLUGIN');
    return plugins[0].widget.RenderWidget;
  },
  'frontend-base': opened,
};

for (const system of Object.keys(SYSTEMS)) {
  describe(system, () => {
    let file;
    let Widget;
    let page;

    const mounted = async () => {
      let renderer;
      await act(async () => { renderer = create(createElement(Widget)); });
      return renderer;
    };
    const shown = async (overview, locale = 'en') => {
      page.get = async () => ({ data: overview });
      page.locale = locale;
      return mounted();
    };
    const requests = (answer) => { page.get = mock.fn(answer); return page.get.mock; };

    before(async () => { file = await compile(system, folder); });
    beforeEach(async () => {
      page = { get: null, locale: 'en', logged: [] };
      globalThis.page = page;
      Widget = await SYSTEMS[system](file);
    });
    afterEach(() => mock.timers.reset());

    it('shows badges, what is under way, and the next step', async () => {
      const { root, toJSON } = await shown(OVERVIEWS.full);
      const said = text(toJSON());
      for (const sentence of [
        'Microcredentials', 'Data Literacy Apr 18, 2026', 'First Aid at Work Expired on June 1, 2026',
        '3 more badges', 'Under way', '1 of 2 requirements met.',
        'Next step: Pass SQL for Analysts: you have 40 % so far.',
        'You have met everything. It is being awarded.', '1 more is under way', 'My microcredentials',
        'See what can be earned',
      ]) {
        assert.ok(said.includes(sentence), `${sentence} in ${said}`);
      }
      assert.equal(root.findAllByType('li').length, 9);
      assert.deepEqual(root.findAllByType('progress').map(({ props }) => props.value), [1, 0, 2]);
      assert.ok(root.findAllByType('img').every(({ props }) => props.alt === ''));
    });

    it('asks the LMS once, for as long as nothing is answered and after that', async () => {
      let answer;
      const asked = requests(() => new Promise((resolve) => { answer = resolve; }));
      const first = await mounted();
      assert.ok(text(first.toJSON()).includes('Loading your microcredentials'));
      await act(async () => first.unmount());
      const second = await mounted();
      await act(async () => answer({ data: OVERVIEWS.one }));
      assert.ok(text(second.toJSON()).includes('Data Literacy'));
      const third = create(createElement(Widget));
      assert.ok(text(third.toJSON()).includes('Data Literacy'));
      assert.equal(asked.callCount(), 1);
      assert.equal(
        asked.calls[0].arguments[0],
        'https://lms.example.com/microcredentials/api/v1/overview/',
      );
    });

    it('asks again when what it knows is old, and shows that meanwhile', async () => {
      const asked = requests(async () => ({ data: OVERVIEWS.one }));
      mock.timers.enable({ apis: ['Date'] });
      await mounted();
      mock.timers.tick(61 * 1000);
      page.get.mock.mockImplementation(failure(500));
      const later = await mounted();
      assert.equal(asked.callCount(), 2);
      assert.ok(text(later.toJSON()).includes('Data Literacy'));
    });

    it('says that it failed, asks no more by itself, and tries again when asked to', async () => {
      const asked = requests(failure(500));
      const first = await mounted();
      await act(async () => first.unmount());
      const { root, toJSON } = await mounted();
      assert.ok(text(toJSON()).includes('could not be loaded'));
      assert.equal(asked.callCount(), 1);
      assert.equal(page.logged.length, 1);
      page.get.mock.mockImplementation(async () => ({ data: OVERVIEWS.one }));
      await act(async () => root.findByType('button').props.onClick());
      assert.ok(text(toJSON()).includes('Data Literacy'));
      assert.equal(asked.callCount(), 2);
    });

    it('does not keep a failure', async () => {
      const asked = requests(failure(500));
      mock.timers.enable({ apis: ['Date'] });
      await mounted();
      mock.timers.tick(6 * 1000);
      page.get.mock.mockImplementation(async () => ({ data: OVERVIEWS.one }));
      const later = await mounted();
      assert.equal(asked.callCount(), 2);
      assert.ok(text(later.toJSON()).includes('Data Literacy'));
    });

    for (const status of [401, 403, 404]) {
      it(`shows nothing, and logs nothing, where the LMS says ${status}`, async () => {
        requests(failure(status));
        const { toJSON } = await mounted();
        assert.equal(toJSON(), null);
        assert.deepEqual(page.logged, []);
      });
    }

    it('takes an answer of another shape for a failure', async () => {
      for (const odd of [null, '<!DOCTYPE html>', [], { awards: {}, under_way: {} }]) {
        Widget = await SYSTEMS[system](file);
        const { toJSON } = await shown(odd);
        assert.ok(text(toJSON()).includes('could not be loaded'));
      }
    });

    it('links to web pages only', async () => {
      const { root, toJSON } = await shown(OVERVIEWS.hostile);
      const addresses = [
        ...root.findAllByType('a').map(({ props }) => props.href),
        ...root.findAllByType('img').map(({ props }) => props.src),
      ];
      assert.ok(addresses.length > 0);
      assert.deepEqual(addresses.filter((address) => !/^https?:/.test(address)), []);
      assert.ok(text(toJSON()).includes('<b>Data</b> & Literacy'));
    });

    it('has a way to the first badge', async () => {
      const { root, toJSON } = await shown(OVERVIEWS.empty);
      assert.ok(text(toJSON()).includes('Your first badge will appear here by itself'));
      assert.deepEqual(
        root.findAllByType('a').map(({ props }) => props.href),
        [OVERVIEWS.empty.catalog_url],
      );
    });

    it('does not take what could not be read for nothing', async () => {
      const empty = { ...OVERVIEWS.empty, is_complete: false };
      const said = text((await shown(empty)).toJSON());
      assert.ok(said.includes('can’t be shown at the moment'));
      assert.ok(!said.includes('first badge'));
    });

    it('counts as the language does', async () => {
      const counted = {
        en: { 1: '1 more badge', 2: '2 more badges' },
        'de-de': { 1: '1 weiteres Badge', 2: '2 weitere Badges' },
        ar: {
          1: 'شارة أخرى', 2: 'شارتان أخريان', 3: '3 شارات أخرى', 11: '11 شارة أخرى', 100: '100 شارة أخرى',
        },
        fi: { 1: '1 more badge', 2: '2 more badges' },
      };
      for (const [locale, sentences] of Object.entries(counted)) {
        for (const [more, sentence] of Object.entries(sentences)) {
          Widget = await SYSTEMS[system](file);
          const overview = structuredClone(OVERVIEWS.one);
          overview.awards.count = 1 + Number(more);
          const { root } = await shown(overview, locale);
          const said = root.findAllByType('a').map(({ children }) => children.join(''));
          assert.ok(said.includes(sentence), `${sentence} in ${said}`);
        }
      }
    });
  });
}
