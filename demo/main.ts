// The page: wires the controls, the runner in its worker, the plots and the readouts. The address holds the configuration.
import { fromHash, toHash, type Configuration, type FieldName } from './configuration.js';
import { Controls } from './controls.js';
import type { Opened, Outcome } from './messages.js';
import { ErrorPlot } from './plots/error.js';
import { MatchPlot } from './plots/match.js';
import { NormsPlot } from './plots/norms.js';
import { element as get } from './elements.js';
import * as readouts from './readouts.js';
import { Runner, type Phase } from './runner.js';

const pauseButton = get('pause');
const stepButton = get('step-once');
const norms = new NormsPlot(get('norms'), get('norms-readout'));
const error = new ErrorPlot(get('error-curve'), get('error-readout'));
const match = new MatchPlot(get('match'));

let truthWeights: readonly number[] = [];
let ending = '';

const runner = new Runner({
  phase: showPhase,
  opened: (opened: Opened) => {
    ({ truthWeights } = opened);
    const { configuration } = controls;
    readouts.showBackend(opened);
    norms.reset(configuration.width, truthWeights);
    error.reset(configuration.starts, readouts.errorTolerance(configuration));
  },
  reports: (reports) => {
    const last = reports.at(-1);
    if (last) readouts.showProgress(last);
    norms.add(reports);
    error.add(reports);
    if (runner.phase === 'paused') readouts.setStatus(statusOf('paused'));
  },
  finished: (outcome: Outcome) => {
    readouts.showOutcome(outcome, truthWeights);
    norms.finish(outcome);
    error.finish();
    match.show(outcome, truthWeights);
    get('match-sentence').textContent = readouts.matchSentence(outcome, truthWeights);
    get('match-figure').dataset['state'] = 'known';
    ending = readouts.outcomeSentence(outcome);
  },
  failed: (message) => (ending = message),
});

const { configuration, complaints } = fromHash(location.hash);
const controls = new Controls(get('controls'), configuration, changed);

pauseButton.addEventListener('click', () => (runner.phase === 'paused' ? runner.resume() : runner.pause()));
stepButton.addEventListener('click', () => runner.step());
get('restart').addEventListener('click', () => restart());
get('another').addEventListener('click', () => {
  const { seed, ...rest } = controls.configuration;
  controls.configuration = { ...rest, seed: seed + 1 };
  changed(controls.configuration, 'seed');
});
window.addEventListener('hashchange', () => open(fromHash(location.hash)));

open({ configuration, complaints });

/** Shows and runs what an address asks for. */
function open(address: { configuration: Configuration; complaints: string[] }): void {
  controls.configuration = address.configuration;
  get('complaints').textContent = address.complaints.join(' ');
  restart();
}

function changed(now: Configuration, name: FieldName): void {
  writeAddress(now);
  if (name === 'speed') runner.speed = now.speed;
  else restart();
}

function restart(): void {
  const { configuration: now } = controls;
  writeAddress(now);
  get('introduction').textContent = readouts.introduction(now);
  get('seeds').textContent = `truth ${now.problemSeed}, start ${now.seed}`;
  get('match-figure').dataset['state'] = 'unknown';
  get('match-sentence').textContent = 'Shown when the run has ended.';
  match.clear();
  readouts.clearReadings();
  readouts.clearBackend();
  runner.start(now);
}

/** Replaces, so that the back button leaves the page, and no hashchange is heard. */
function writeAddress(now: Configuration): void {
  history.replaceState(null, '', `#${toHash(now)}`);
}

function showPhase(phase: Phase): void {
  document.documentElement.dataset['phase'] = phase;
  const over = phase === 'finished' || phase === 'failed';
  pauseButton.textContent = phase === 'paused' ? 'Resume' : 'Pause';
  // Not `disabled`, which would take the focus away from whoever has just pressed the button.
  pauseButton.setAttribute('aria-disabled', String(over));
  stepButton.setAttribute('aria-disabled', String(phase !== 'paused'));
  readouts.setStatus(statusOf(phase));
  if (phase === 'paused') {
    norms.describe();
    error.describe();
  }
}

function statusOf(phase: Phase): string {
  switch (phase) {
    case 'opening':
      return 'Opening …';
    case 'running':
      return 'Running.';
    case 'paused':
      return `Paused at step ${readouts.stepShown()}. Nothing is computed.`;
    case 'finished':
    case 'failed':
      return ending;
    default:
      return phase satisfies never;
  }
}
