// Play, pause, step and rewind of all panels at once. A tick is a report: at tick t every panel shows its state t, or its last
// one. States that were computed are kept, so going back is exact; going on asks the worker for the next ones.
import type { Panel } from './panel.js';
import type { Settings } from './settings.js';

/** Frames between two ticks, and how many states go by in one. */
const paces = {
  slow: { frames: 12, count: 1 },
  normal: { frames: 3, count: 1 },
  fast: { frames: 1, count: 8 },
} satisfies Record<Settings['speed'], object>;

export class Player {
  /** −1 before the first state. */
  tick = -1;
  speed: Settings['speed'] = 'normal';
  #playing = false;
  #goal: number | undefined;
  #frames = 0;
  #request = 0;

  constructor(
    readonly panels: readonly Panel[],
    readonly changed: () => void,
  ) {}

  get playing(): boolean {
    return this.#playing;
  }

  /** The last tick there is something to show for. */
  get last(): number {
    return Math.max(-1, ...this.panels.map(({ last }) => last));
  }

  /** Every run has ended and its end is shown. */
  get finished(): boolean {
    return this.panels.every(({ over }) => over) && this.tick >= this.last;
  }

  play(): void {
    if (this.#playing) return;
    this.#playing = true;
    this.changed();
    // The start is asked for at once, and comes even if the page is paused before.
    if (this.tick < 0) {
      this.#goal = 0;
      this.arrived();
    }
    this.#request = requestAnimationFrame(this.#onFrame);
  }

  pause(): void {
    this.stop();
    this.#show();
  }

  /** Asks for nothing any more. */
  stop(): void {
    this.#playing = false;
    cancelAnimationFrame(this.#request);
  }

  /** One state on. */
  step(): void {
    this.stop();
    this.#goal = this.tick + 1;
    this.arrived();
  }

  /** To any state that there is. */
  seek(tick: number): void {
    this.stop();
    this.#goal = undefined;
    this.tick = Math.max(0, Math.min(tick, this.last));
    this.#show();
  }

  /** States came, or a run ended. */
  arrived(): void {
    const goal = this.#goal;
    if (goal === undefined) {
      this.#show();
      return;
    }
    const max = this.#playing ? paces[this.speed].count : Infinity;
    for (const panel of this.panels) {
      if (!panel.over && panel.last < goal) panel.pull(Math.min(goal - panel.last, max));
    }
    if (this.#waiting(goal)) {
      if (this.#playing) this.#show();
      return;
    }
    this.#goal = undefined;
    this.tick = Math.min(goal, this.last);
    if (this.finished) this.stop();
    this.#show();
  }

  /** Standing still, for all panels; playing, for the first: a slow one shows the last state it has, and catches up. */
  #waiting(goal: number): boolean {
    const reached = this.#playing && this.panels.some(({ last }) => last >= goal);
    return !reached && this.panels.some(({ busy }) => busy);
  }

  // A hidden page gets no animation frames: it computes nothing.
  readonly #onFrame = (): void => {
    this.#request = requestAnimationFrame(this.#onFrame);
    const { frames, count } = paces[this.speed];
    if (this.#goal !== undefined || ++this.#frames < frames) return;
    this.#frames = 0;
    this.#goal = this.tick + count;
    this.arrived();
  };

  #show(): void {
    for (const panel of this.panels) panel.show(this.tick, !this.#playing);
    this.changed();
  }
}
