// A column of sounds, each with its waveform and a button that plays it.
import { h } from '../../shell/elements.js';
import type { Sound } from './job.js';
import type { Player } from './player.js';
import { Waveform, type Range } from './waveform.js';

export interface RackSound {
  readonly sound: Sound;
  readonly title: string;
  readonly color: () => string;
}

export class Rack {
  readonly #list = h('ul', { class: 'sounds' });
  readonly element: HTMLElement;
  readonly #player: Player;
  #waveforms: Waveform[] = [];

  constructor(name: string, title: string, player: Player) {
    this.#player = player;
    this.element = h(
      'section',
      { class: 'rack', 'data-rack': name, 'aria-label': title },
      h('h2', {}, title),
      this.#list,
    );
  }

  show(sounds: readonly RackSound[], rate: number, range: Range): void {
    this.clear();
    this.#list.replaceChildren(...sounds.map((one) => this.#item(one, rate, range)));
  }

  set range(range: Range) {
    for (const waveform of this.#waveforms) waveform.range = range;
  }

  clear(): void {
    this.#player.stop();
    for (const waveform of this.#waveforms) waveform.destroy();
    this.#waveforms = [];
    this.#list.replaceChildren();
  }

  #item({ sound, title, color }: RackSound, rate: number, range: Range): HTMLElement {
    const waveform = new Waveform(sound.data, range, color, `Waveform of ${title}`);
    this.#waveforms.push(waveform);
    const play = h(
      'button',
      { type: 'button', class: 'play', 'aria-label': `Play ${title}`, 'aria-pressed': 'false' },
      '▶',
    );
    const show = (playing: boolean): void => {
      play.setAttribute('aria-pressed', String(playing));
      play.textContent = playing ? '■' : '▶';
    };
    play.addEventListener('click', () => {
      if (play.getAttribute('aria-pressed') === 'true') {
        this.#player.stop();
        return;
      }
      this.#player.play(sound.data, rate, () => show(false));
      show(true);
    });
    const head = h('p', {}, play, h('span', { class: 'name-of-sound' }, title));
    return h('li', { 'data-correlation': sound.correlation, 'data-source': sound.source }, head, waveform.element);
  }
}
