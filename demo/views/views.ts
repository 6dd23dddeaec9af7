// All views, in the order of the tabs. A view is loaded when it is first opened.
import type { Mount } from '../shell/view.js';

export interface ViewEntry {
  readonly title: string;
  load(): Promise<{ readonly mount: Mount }>;
}

export const views: Readonly<Record<string, ViewEntry>> = {
  discover: { title: 'Discover', load: () => import('./discover/view.js') },
  tensor: { title: 'Your tensor', load: () => import('./tensor/view.js') },
  picture: { title: 'Complete a picture', load: () => import('./picture/view.js') },
  phase: { title: 'Phase diagram', load: () => import('./phase/view.js') },
  unmix: { title: 'Unmix', load: () => import('./unmix/view.js') },
};

export const firstView = 'discover';
