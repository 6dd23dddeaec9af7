// What a view is: a folder demo/views/NAME with a `mount` in view.ts, and one line in demo/views/views.ts. The shell puts
// an empty element into the page, the view fills it; its settings are the query of its address, `#/NAME?query`.
import type { Engine } from '../worker/engine.js';

/** What the shell gives to a view. */
export interface Page {
  readonly engine: Engine;
  /** Writes the view's settings into the address; the back button still leaves the view. */
  writeAddress(query: string): void;
}

export interface View {
  /** Shows and runs what an address asks for: at the start, and whenever the address changes. */
  open(query: URLSearchParams): void;
  /** Ends every run; the element is removed after it. */
  close(): void;
}

export type Mount = (host: HTMLElement, page: Page) => View;
