// The worker: makes the problem, opens the backend and pulls decomposeSteps, one report for each time the page asks.
/// <reference lib="webworker" />
import { decomposeSteps, matchComponents, openBackend, type Decomposition, type Progress } from '../src/index.js';
import { absoluteCosines } from './comparison.js';
import type { Configuration } from './configuration.js';
import type { Outcome, Reply, Request } from './messages.js';
import { plantedProblem, type PlantedProblem } from './problem.js';

/** The newest run: its number, how to end it, and where it waits for the page's next pull. */
interface Current {
  readonly run: number;
  readonly abort: AbortController;
  asked: ((milliseconds: number) => void) | undefined;
}

let current: Current | undefined;

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  if (data.kind === 'pull') {
    if (data.run === current?.run) current.asked?.(data.milliseconds);
    return;
  }
  current?.abort.abort();
  const mine: Current = { run: data.run, abort: new AbortController(), asked: undefined };
  current = mine;
  decomposeWhenAsked(mine, data.configuration).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    post(mine, { kind: 'failed', run: mine.run, message });
  });
};

/** Leaving this function, for whatever reason, stops the run and frees the device. */
async function decomposeWhenAsked(mine: Current, configuration: Configuration): Promise<void> {
  const { run, abort } = mine;
  const problem = plantedProblem(configuration);
  using backend = await openBackend(configuration.backend);
  const { kind, adapter, reason } = backend;
  const truthWeights = Array.from(problem.truth.weights);
  post(mine, {
    kind: 'opened',
    run,
    opened: { backend: kind, adapter, reason, webgpu: 'gpu' in navigator, truthWeights },
  });
  const steps = decomposeSteps(problem.target, { ...problem.options, backend, signal: abort.signal });
  for (;;) {
    const until = (await nextPull(mine)) + performance.now();
    if (abort.signal.aborted) break;
    const { reports, result } = await reportsUntil(steps, until);
    if (reports.length > 0) post(mine, { kind: 'reports', run, reports });
    if (!result) continue;
    post(mine, { kind: 'finished', run, outcome: compare(problem, result) });
    return;
  }
  await steps.return(undefined as never);
}

/** The milliseconds that the page gives; 0 at once when the run is no longer wanted. */
function nextPull(mine: Current): Promise<number> {
  return new Promise((resolve) => {
    mine.asked = resolve;
    if (mine.abort.signal.aborted) resolve(0);
    mine.abort.signal.addEventListener('abort', () => resolve(0), { once: true });
  });
}

type Steps = AsyncGenerator<Progress, Decomposition>;

/** At least one report, unless the run has ended. */
async function reportsUntil(steps: Steps, until: number): Promise<{ reports: Progress[]; result?: Decomposition }> {
  const reports: Progress[] = [];
  do {
    const { done, value } = await steps.next();
    if (done) return { reports, result: value };
    reports.push(value);
  } while (performance.now() < until);
  return { reports };
}

function compare({ truth }: PlantedProblem, result: Decomposition): Outcome {
  const { kruskal, stop, advice, relativeError, errorFloor, steps, seconds, starts } = result;
  const comparable = kruskal.weights.length === truth.weights.length;
  return {
    ...{ stop, advice, relativeError, errorFloor, steps, seconds, starts },
    weights: Array.from(kruskal.weights),
    cosines: absoluteCosines(truth, kruskal),
    matchScore: comparable ? matchComponents(truth, kruskal).score : undefined,
  };
}

/** Nothing of a run that is no longer wanted reaches the page. */
function post(mine: Current, reply: Reply): void {
  if (mine === current) self.postMessage(reply);
}
