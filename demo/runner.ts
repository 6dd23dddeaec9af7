// The page's end of the worker: starts runs, asks for reports at the pace chosen, pauses by not asking. It asks in
// animation frames, so a hidden tab computes nothing.
import type { Progress } from '../src/index.js';
import type { Configuration } from './configuration.js';
import type { Opened, Outcome, Reply, Request } from './messages.js';

export type Phase = 'opening' | 'running' | 'paused' | 'finished' | 'failed';

export interface Listeners {
  phase(phase: Phase): void;
  opened(opened: Opened): void;
  reports(reports: readonly Progress[]): void;
  finished(outcome: Outcome): void;
  failed(message: string): void;
}

/** Frames between two pulls, and how long the worker may go on reporting for one of them. */
const paces = {
  slow: { frames: 12, milliseconds: 0 },
  frame: { frames: 2, milliseconds: 0 },
  fast: { frames: 1, milliseconds: 12 },
} satisfies Record<Configuration['speed'], object>;

export class Runner {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #listeners: Listeners;
  #run = 0;
  #phase: Phase = 'opening';
  #opened = false;
  /** A pull is on its way; the next one waits for its answer. */
  #asked = false;

  speed: Configuration['speed'] = 'frame';

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#fail(event.message || 'The worker could not be started.');
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Ends the run there is, if any, and starts another. */
  start(configuration: Configuration): void {
    this.#run++;
    this.#opened = false;
    this.#asked = false;
    this.speed = configuration.speed;
    this.#enter('opening');
    this.#send({ kind: 'start', run: this.#run, configuration });
  }

  pause(): void {
    if (this.#phase === 'running' || this.#phase === 'opening') this.#enter('paused');
  }

  resume(): void {
    if (this.#phase !== 'paused') return;
    this.#enter(this.#opened ? 'running' : 'opening');
    this.#pullSoon();
  }

  /** One more report of a paused run. */
  step(): void {
    if (this.#phase === 'paused') this.#pull(0);
  }

  #receive(reply: Reply): void {
    if (reply.run !== this.#run) return;
    switch (reply.kind) {
      case 'opened':
        this.#opened = true;
        this.#listeners.opened(reply.opened);
        if (this.#phase === 'opening') this.#enter('running');
        this.#pullSoon();
        break;
      case 'reports':
        this.#asked = false;
        this.#listeners.reports(reply.reports);
        this.#pullSoon();
        break;
      case 'finished':
        this.#listeners.finished(reply.outcome);
        this.#enter('finished');
        break;
      case 'failed':
        this.#fail(reply.message);
        break;
      default:
        reply satisfies never;
    }
  }

  #pullSoon(): void {
    const run = this.#run;
    let { frames } = paces[this.speed];
    const onFrame = (): void => {
      if (run !== this.#run || this.#phase !== 'running') return;
      if (--frames > 0) requestAnimationFrame(onFrame);
      else this.#pull(paces[this.speed].milliseconds);
    };
    requestAnimationFrame(onFrame);
  }

  #pull(milliseconds: number): void {
    if (!this.#opened || this.#asked) return;
    this.#asked = true;
    this.#send({ kind: 'pull', run: this.#run, milliseconds });
  }

  #fail(message: string): void {
    this.#listeners.failed(message);
    this.#enter('failed');
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#listeners.phase(phase);
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }
}
