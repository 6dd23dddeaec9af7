// What views of one run have in common: settings with an address, a status line, where the run computes, and a button that starts, stops
// and continues it. A view tells what its run needs and shows what comes back.
import type { Engine, Run } from '../worker/engine.js';
import type { InputOf, JobName, OutcomeOf, ReportOf } from '../worker/jobs.js';
import { keepPulling } from '../worker/keep-pulling.js';
import { Controls } from './controls.js';
import { button, h, setOff } from './elements.js';
import { toQuery, type Form } from './fields.js';
import { MachineNote } from './machine.js';
import type { Page, View } from './view.js';

export type Phase = 'waiting' | 'running' | 'paused' | 'stopped' | 'finished' | 'failed';

export abstract class RunView<S, N extends JobName> implements View {
  protected readonly host: HTMLElement;
  protected readonly controls: Controls<S>;
  protected readonly machine = new MachineNote();
  protected readonly status = h('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  protected readonly complaints = h('p', { class: 'complaints', role: 'alert' });
  protected readonly toggle = button('Stop', { class: 'primary', id: 'toggle' }, () => this.#pressed());
  /** Status when the device was lost, and when the run has reached its last state again. */
  protected readonly lostText: string = 'The GPU was lost; computing again up to the last state.';
  protected readonly resumedText: string = 'Resumed.';
  readonly #page: Page;
  readonly #job: N;
  readonly #form: Form<S>;
  #run: Run | undefined;
  #stopPulling: (() => void) | undefined;

  constructor(host: HTMLElement, page: Page, job: N, form: Form<S>) {
    this.host = host;
    this.#page = page;
    this.#job = job;
    this.#form = form;
    this.controls = new Controls(form, () => this.start());
  }

  /** Status while the run computes, and when it has failed. */
  protected abstract readonly runningText: string;
  protected abstract readonly failedText: string;
  /** Clears what the last run has shown. The input of the next one; undefined where something has to be chosen first. */
  protected abstract prepare(settings: S): InputOf<N> | undefined;
  protected abstract report(reports: readonly ReportOf<N>[]): void;
  protected abstract finish(outcome: OutcomeOf<N>): void;

  open(query: URLSearchParams): void {
    const complaints = this.controls.take(query);
    this.start();
    this.complaints.textContent = complaints;
  }

  close(): void {
    this.#end();
  }

  /** Ends the run and starts one with the present settings. */
  protected start(): void {
    const { settings } = this.controls;
    this.#page.writeAddress(toQuery(this.#form, settings));
    this.#end();
    this.complaints.textContent = '';
    this.machine.clear();
    const input = this.prepare(settings);
    if (input === undefined) return;
    this.#run = this.#startRun(this.#page.engine, input);
    this.#continue();
  }

  /** Starts again with some settings changed. */
  protected change(some: Partial<S>): void {
    this.controls.settings = { ...this.controls.settings, ...some };
    this.start();
  }

  protected enter(phase: Phase, status: string): void {
    this.host.dataset['phase'] = phase;
    this.status.textContent = status;
    setOff(this.toggle, phase === 'waiting');
    this.toggle.textContent = phase === 'running' ? 'Stop' : phase === 'paused' ? 'Continue' : 'Again';
  }

  /** Status of a run that was stopped and can go on. */
  protected pausedText(): string {
    return 'Stopped; nothing is computed.';
  }

  /** Asks the worker for nothing more. */
  #halt(): void {
    this.#stopPulling?.();
    this.#stopPulling = undefined;
  }

  #end(): void {
    this.#halt();
    this.#run?.end();
    this.#run = undefined;
  }

  #startRun(engine: Engine, input: InputOf<N>): Run {
    return engine.start(this.#job, input, {
      opened: (machine) => this.machine.show(machine),
      reports: (reports) => this.report(reports),
      finished: (outcome) => this.finish(outcome),
      failed: (message) => {
        this.complaints.textContent = message;
        this.enter('failed', this.failedText);
      },
      lost: () => (this.status.textContent = this.lostText),
      restored: () => (this.status.textContent = this.resumedText),
    });
  }

  #continue(): void {
    if (!this.#run) return;
    this.#stopPulling = keepPulling(this.#run);
    this.enter('running', this.runningText);
  }

  #pressed(): void {
    if (!this.#run || this.#run.over) this.start();
    else if (this.#stopPulling) {
      this.#halt();
      this.enter('paused', this.pausedText());
    } else this.#continue();
  }
}
