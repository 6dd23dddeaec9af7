// The frame around the views: the tabs, the address (`#/NAME?query`), one view at a time, the focus after a change of view.
import { firstView, views } from '../views/views.js';
import { Engine } from '../worker/engine.js';
import { element, h } from './elements.js';
import type { View } from './view.js';

interface Shown {
  readonly name: string;
  readonly host: HTMLElement;
  /** Set once its code is there. */
  view?: View;
}

export function startShell(): void {
  const engine = new Engine();
  const main = element('view');
  const links = new Map(Object.entries(views).map(([name, { title }]) => [name, tab(name, title)]));
  const tabs = element('tabs');
  tabs.replaceChildren(...[...links.values()].map((link) => h('li', {}, link)));
  let shown: Shown | undefined;

  async function route(): Promise<void> {
    const { name, query } = readAddress(location.hash);
    if (shown?.name === name) {
      shown.view?.open(query);
      return;
    }
    const moved = shown !== undefined;
    shown?.view?.close();
    shown?.host.remove();
    const mine: Shown = { name, host: h('div', { class: 'view', 'data-view': name }) };
    shown = mine;
    main.replaceChildren(mine.host);
    for (const [other, link] of links) {
      if (other === name) {
        link.setAttribute('aria-current', 'page');
        tabs.scrollLeft = link.offsetLeft - tabs.offsetLeft;
      } else link.removeAttribute('aria-current');
    }
    const entry = views[name];
    if (!entry) return;
    document.title = `${entry.title} · polyadic`;
    try {
      const { mount } = await entry.load();
      if (shown !== mine) return;
      const writeAddress = (text: string): void => {
        if (shown === mine) history.replaceState(null, '', `#/${name}?${text}`);
      };
      mine.view = mount(mine.host, { engine, writeAddress });
      // The address may have changed while the view was on its way.
      mine.view.open(readAddress(location.hash).query);
      if (moved) mine.host.querySelector<HTMLElement>('h1')?.focus();
    } catch (error) {
      mine.host.append(h('p', { class: 'complaints', role: 'alert' }, loadingFailed(error)));
    }
  }

  // Followed as a link it would be taken for the address of a view.
  element('skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  window.addEventListener('hashchange', () => void route());
  void route();
}

/** A view that there is not is answered with the first one; so is an address without a view. */
function readAddress(hash: string): { name: string; query: URLSearchParams } {
  const [, name = '', text = ''] = /^#\/([^?]*)\??(.*)$/.exec(hash) ?? [];
  return Object.hasOwn(views, name)
    ? { name, query: new URLSearchParams(text) }
    : { name: firstView, query: new URLSearchParams() };
}

const tab = (name: string, title: string): HTMLAnchorElement => h('a', { href: `#/${name}` }, title);

const loadingFailed = (error: unknown): string =>
  `This view could not be opened: ${error instanceof Error ? error.message : String(error)} Reload the page.`;
