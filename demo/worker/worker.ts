// The worker: runs jobs side by side, each a stream from which the page pulls reports.
/// <reference lib="webworker" />
import { DeviceLostError } from '../../src/index.js';
import { Backends } from './backends.js';
import { jobs, type JobName } from './jobs.js';
import { yieldToPage } from './yield-to-page.js';
import type { Job, Pull, Reply, Request, Tools } from './protocol.js';

/** A run: how to end it, and where it waits for the page's next pull. */
interface Current {
  readonly run: number;
  readonly abort: AbortController;
  pull: Pull;
  asked: (() => void) | undefined;
}

type Stream = ReturnType<Job<unknown, unknown, unknown>>;

const runs = new Map<number, Current>();
const backends = new Backends();

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  const current = runs.get(data.run);
  switch (data.kind) {
    case 'start':
      void serve(data);
      break;
    case 'pull':
      if (!current) break;
      current.pull = data.pull;
      current.asked?.();
      break;
    case 'end':
      // One that is over has nothing to end.
      if (current) current.abort.abort();
      else sayEnded(data.run);
      break;
    default:
      data satisfies never;
  }
};

/** Leaving this function, for whatever reason, ends the run and lets go of its backend. */
async function serve({ run, job, input, skip }: Extract<Request, { kind: 'start' }>): Promise<void> {
  const current: Current = {
    run,
    abort: new AbortController(),
    pull: { count: 1, milliseconds: Infinity },
    asked: undefined,
  };
  runs.set(run, current);
  let stream: Stream | undefined;
  let ending: Reply | undefined;
  try {
    const start = (await jobs[job as JobName]()) as Job<unknown, unknown, unknown>;
    stream = start(input, toolsOf(current, skip));
    const { reports, end } = await take(stream, skip, Infinity, current);
    post(current, { kind: 'started', run, last: reports.at(-1) });
    if (end) post(current, { kind: 'finished', run, outcome: end.outcome });
    else await answerPulls(stream, current);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    ending = error instanceof DeviceLostError ? { kind: 'lost', run } : { kind: 'failed', run, message };
  }
  await stream?.return(undefined);
  backends.release(run, ending?.kind === 'lost');
  runs.delete(run);
  // Last, because the page may answer by starting the same run again.
  if (ending) post(current, ending);
  sayEnded(run);
}

async function answerPulls(stream: Stream, current: Current): Promise<void> {
  const { run, abort } = current;
  for (;;) {
    await nextPull(current);
    if (abort.signal.aborted) return;
    const { count, milliseconds } = current.pull;
    const { reports, end } = await take(stream, count, milliseconds, current);
    if (reports.length > 0 || !end) post(current, { kind: 'reports', run, reports });
    if (!end) continue;
    post(current, { kind: 'finished', run, outcome: end.outcome });
    return;
  }
}

function toolsOf(current: Current, skip: number): Tools {
  return {
    skip,
    signal: current.abort.signal,
    get pull() {
      return current.pull;
    },
    async open(choice) {
      const { backend, machine } = await backends.open(choice, current.run);
      post(current, { kind: 'opened', run: current.run, machine });
      return backend;
    },
  };
}

/** Resolves at once when the run is no longer wanted. */
function nextPull(current: Current): Promise<void> {
  return new Promise((resolve) => {
    current.asked = resolve;
    if (current.abort.signal.aborted) resolve();
    current.abort.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Up to `count` reports; fewer when the run ends or is no longer wanted. */
async function take(
  stream: Stream,
  count: number,
  milliseconds: number,
  { abort }: Current,
): Promise<{ reports: unknown[]; end?: { outcome: unknown } }> {
  const reports: unknown[] = [];
  const until = performance.now() + milliseconds;
  while (reports.length < count && !abort.signal.aborted) {
    if (reports.length > 0 && performance.now() >= until) break;
    const { done, value } = await stream.next();
    if (done) return { reports, end: { outcome: value } };
    reports.push(value);
    // The page may have sent a message.
    await yieldToPage();
  }
  return { reports };
}

const sayEnded = (run: number): void => self.postMessage({ kind: 'ended', run } satisfies Reply);

/** Nothing of a run that is no longer wanted reaches the page. */
function post({ abort }: Current, reply: Reply): void {
  if (!abort.signal.aborted) self.postMessage(reply);
}
