// The page's end of the worker. A run is started by the name of its job and pulled from. When the page has been hidden for a
// while the worker is ended, which frees the GPU; when it is seen again, or when the device was lost, a new worker computes
// the same runs up to the last state the page has, which is exact because a run depends on its input alone.
import type { InputOf, JobName, OutcomeOf, ReportOf } from './jobs.js';
import type { Machine, Pull, Reply, Request } from './protocol.js';

/** Seconds that a hidden page keeps its worker and its GPU device. */
const idleSeconds = 15;
/** Milliseconds after which a worker that does not end a run is replaced: it is in the middle of something long. */
const maxWait = 500;
/** Losses of the device after which a run gives up. */
const maxLosses = 3;

export interface Listeners<N extends JobName> {
  /** The backend is open: where the run computes. */
  opened?(machine: Machine): void;
  reports(reports: readonly ReportOf<N>[]): void;
  finished(outcome: OutcomeOf<N>): void;
  failed(message: string): void;
  /** The device went away; the run is being computed again up to its last state. */
  lost?(): void;
  /** It is there again: the last of the reports the page had, computed anew. */
  restored?(last: ReportOf<N>): void;
}

export interface Run {
  /** Asks for reports; nothing happens while an answer is on its way, or when the run is over. */
  pull(pull: Partial<Pull>): void;
  /** Whether the page waits for it. */
  readonly busy: boolean;
  readonly over: boolean;
  end(): void;
}

export class Engine {
  #worker: Worker | undefined;
  #count = 0;
  readonly #runs = new Map<number, RunState>();
  /** Runs that were told to end and have not yet. */
  readonly #ending = new Map<number, ReturnType<typeof setTimeout>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#visibilityChanged());
  }

  start<N extends JobName>(job: N, input: InputOf<N>, listeners: Listeners<N>): Run {
    const number = ++this.#count;
    const state = new RunState(number, job, input, listeners, this);
    this.#runs.set(number, state);
    if (document.visibilityState === 'visible' || this.#worker) state.send();
    return state;
  }

  post(request: Request): void {
    this.#worker ??= this.#open();
    this.#worker.postMessage(request);
  }

  forget(run: number, over: boolean): void {
    this.#runs.delete(run);
    if (!this.#worker || over) return;
    this.post({ kind: 'end', run });
    this.#ending.set(
      run,
      setTimeout(() => this.#replace(), maxWait),
    );
  }

  #receive(reply: Reply): void {
    if (reply.kind === 'ended') {
      clearTimeout(this.#ending.get(reply.run));
      this.#ending.delete(reply.run);
    } else this.#runs.get(reply.run)?.receive(reply);
  }

  /** Another worker, with the runs that have not ended; unless one of them has sent reports, which would have to be computed again. */
  #replace(): void {
    const states = [...this.#runs.values()];
    if (states.some(({ begun }) => begun)) return;
    this.#close();
    for (const state of states) state.send();
  }

  #open(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (worker === this.#worker) this.#receive(data);
    };
    worker.onerror = (event) => {
      const message = event.message || 'The worker could not be started.';
      for (const [run, state] of this.#runs) state.receive({ kind: 'failed', run, message });
    };
    document.documentElement.dataset['worker'] = 'open';
    return worker;
  }

  #visibilityChanged(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'hidden') this.#timer = setTimeout(() => this.#close(), 1000 * idleSeconds);
    else if (!this.#worker) for (const state of this.#runs.values()) state.send();
  }

  #close(): void {
    for (const timer of this.#ending.values()) clearTimeout(timer);
    this.#ending.clear();
    this.#worker?.terminate();
    this.#worker = undefined;
    document.documentElement.dataset['worker'] = 'closed';
  }
}

class RunState implements Run {
  over = false;
  /** The reports that the page has. */
  #received = 0;
  #losses = 0;
  #started = false;
  /** Pulled, and not answered: with what, to ask again after a restart. */
  #asked: Pull | undefined;

  constructor(
    readonly number: number,
    readonly job: JobName,
    readonly input: unknown,
    readonly listeners: Listeners<JobName>,
    readonly engine: Engine,
  ) {}

  get busy(): boolean {
    return this.#asked !== undefined;
  }

  /** Whether the page has reports of it that would have to be computed again. */
  get begun(): boolean {
    return !this.over && this.#received > 0;
  }

  /** Starts, or starts again. */
  send(): void {
    if (this.over) return;
    this.#started = false;
    this.engine.post({
      kind: 'start',
      run: this.number,
      job: this.job,
      input: this.input,
      skip: this.#received,
    });
  }

  pull(pull: Partial<Pull>): void {
    if (this.over || this.#asked) return;
    this.#asked = { count: 1, milliseconds: Infinity, ...pull };
    if (this.#started) this.#send(this.#asked);
  }

  end(): void {
    const { over } = this;
    this.over = true;
    this.engine.forget(this.number, over);
  }

  receive(reply: Exclude<Reply, { kind: 'ended' }>): void {
    if (this.over) return;
    const { listeners } = this;
    switch (reply.kind) {
      case 'opened':
        listeners.opened?.(reply.machine);
        break;
      case 'started':
        this.#started = true;
        if (this.#received > 0) listeners.restored?.(reply.last as never);
        if (this.#asked) this.#send(this.#asked);
        break;
      case 'reports':
        this.#asked = undefined;
        this.#received += reply.reports.length;
        listeners.reports(reply.reports as never);
        break;
      case 'finished':
        this.#settle();
        listeners.finished(reply.outcome as never);
        break;
      case 'failed':
        this.#settle();
        listeners.failed(reply.message);
        break;
      case 'lost':
        this.#lose();
        break;
      default:
        reply satisfies never;
    }
  }

  #lose(): void {
    if (++this.#losses >= maxLosses) {
      this.#settle();
      this.listeners.failed('The GPU was lost several times. Choose the CPU backend, or reload the page.');
      return;
    }
    this.listeners.lost?.();
    this.send();
  }

  #settle(): void {
    this.over = true;
    this.#asked = undefined;
  }

  #send(pull: Pull): void {
    this.engine.post({ kind: 'pull', run: this.number, pull });
  }
}
