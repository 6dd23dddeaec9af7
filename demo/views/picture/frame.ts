// A picture on the page, one canvas pixel for each of its own, enlarged by the style sheet without smoothing.
import { h } from '../../shell/elements.js';
import type { Picture } from './picture.js';

export class Frame {
  readonly #canvas = h('canvas', { class: 'pixels', role: 'img' });
  readonly #title: string;
  readonly element: HTMLElement;

  constructor(name: string, title: string) {
    this.#title = title;
    this.#canvas.dataset['picture'] = name;
    this.element = h('figure', {}, this.#canvas, h('figcaption', {}, title));
    this.clear();
  }

  clear(): void {
    this.#canvas.getContext('2d')?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.setAttribute('aria-label', `${this.#title}: nothing yet`);
  }

  /** `shown`: 1 a pixel that is drawn, the others are left out. `about` tells the picture to whoever does not see it. */
  draw({ height, width, data }: Picture, about: string, shown?: Uint8Array): void {
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const pixels = new ImageData(width, height);
    for (let pixel = 0; pixel < height * width; pixel++) {
      if (shown && !shown[pixel]) continue;
      pixels.data.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
      pixels.data[4 * pixel + 3] = 255;
    }
    this.#canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    this.#canvas.setAttribute('aria-label', `${this.#title}: ${about}`);
  }
}
