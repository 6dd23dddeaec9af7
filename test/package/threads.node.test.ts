// Worker threads of the package, in plain Node and in a page: what starts them, what ends them, and that nothing is left of them.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'puppeteer';
import { afterAll, expect, inject, test } from 'vitest';
import { installPackage } from './installed.js';
import { outcomeAt, serveFolder } from './serve.js';

const { project, folder: installed, write, remove } = installPackage(inject('dist'), { types: false });
afterAll(remove);

/** Counts the threads, and prints what a program leaves in `told` when its process ends: by itself, or it has no status. */
const frame = (body: string): string => `
  import { decompose, decomposeBatch, decomposeSteps, dense, factored } from 'polyadic';
  import { plantedCp, plantedSymmetric } from 'polyadic/problems';
  const module = process.getBuiltinModule('node:worker_threads');
  const count = { started: 0, ended: 0 };
  const workers = [];
  module.Worker = class extends module.Worker {
    constructor(...given) {
      super(...given);
      count.started++;
      workers.push(this);
      this.on('exit', () => count.ended++);
    }
  };
  const told = {};
  process.on('exit', () => console.log(JSON.stringify({ ...told, ...count })));
  const { tensor } = plantedCp({ shape: [46, 45, 47], rank: 8, noise: 0.1, seed: 1 });
  const target = dense(tensor.shape, tensor.data);
  const options = { algorithm: 'als', rank: 8, starts: 8, seed: 3, backend: 'cpu', finish: 'none', threads: 2 };
  ${body}`;

function outcomeOf(body: string, ...args: readonly string[]): unknown {
  const program = write('program.mjs', frame(body));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, program], {
    cwd: project,
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('by default there are as many as cores, up to 8, and none where the work is small', () => {
  const body = `
    const { availableParallelism } = process.getBuiltinModule('node:os');
    const { threads, ...usual } = options;
    await decompose(target, { ...usual, maxSteps: 10 });
    told.small = count.started;
    told.reason = (await decompose(target, usual)).backendReason;
    told.expected = Math.min(8, availableParallelism());
    await decompose(target, { ...usual, threads: 1 });`;
  const { small, reason, expected, started, ended } = outcomeOf(body) as Record<string, number>;
  const several = Number(expected) > 1;
  expect(small).toBe(0);
  expect([started, ended]).toEqual(several ? [expected, expected] : [0, 0]);
  expect(reason).toBe(`asked for by name${several ? `; ${expected} threads shared the starts` : ''}`);
});

test('an abort ends them at once, with the last report', () => {
  const body = `
    const stop = new AbortController();
    // While both threads compute the next steps.
    const onProgress = ({ step }) => step === 5 && setTimeout(() => stop.abort(), 1);
    const { stop: how, steps, history, kruskal } = await decompose(target, { ...options, onProgress, signal: stop.signal });
    Object.assign(told, { how, steps, reports: history.length, rank: kruskal.weights.length });`;
  expect(outcomeOf(body)).toEqual({ how: 'aborted', steps: 5, reports: 2, rank: 8, started: 2, ended: 2 });
});

test('an abort at a report leaves what one thread leaves', () => {
  const body = `
    const aborted = async (threads) => {
      const stop = new AbortController();
      const onProgress = ({ step }) => step === 10 && stop.abort();
      const { seconds, backendReason, history, ...rest } = await decompose(target, { ...options, threads, onProgress, signal: stop.signal });
      return JSON.stringify({ ...rest, history: history.map((report) => ({ ...report, seconds: 0 })) });
    };
    const one = await aborted(1);
    Object.assign(told, { aborted: JSON.parse(one).stop, same: (await aborted(2)) === one });`;
  expect(outcomeOf(body)).toEqual({ aborted: 'aborted', same: true, started: 2, ended: 2 });
});

test.each([
  [
    'leaving the loop over the reports',
    'for await (const { step } of decomposeSteps(target, options)) if ((told.step = step) === 5) break;',
    { step: 5 },
  ],
  [
    'forgetting the reports that are left',
    'const steps = decomposeSteps(target, options); told.step = (await steps.next()).value.step;',
    { step: 0, ended: 0 },
  ],
  [
    'an error of onProgress',
    `const onProgress = () => { throw new Error('mine'); };
     await decompose(target, { ...options, onProgress }).catch(({ message }) => (told.message = message));`,
    { message: 'mine' },
  ],
  [
    'the end of a thread',
    `const onProgress = () => workers[1].terminate();
     await decompose(target, { ...options, onProgress }).catch(({ message }) => (told.message = message));`,
    { message: 'threads: a thread ended before its work was done.' },
  ],
  [
    'the end of a thread that has nothing to do at the time',
    `const steps = decomposeSteps(target, options);
     await steps.next();
     await workers[1].terminate();
     await steps.next().catch(({ message }) => (told.message = message));`,
    { message: 'threads: a thread ended before its work was done.' },
  ],
])('%s ends the process by itself', (_, body, expected) => {
  expect(outcomeOf(body)).toEqual({ started: 2, ended: 2, ...expected });
});

test('in a thread there are no further threads', () => {
  const body = `
    const source = \`
      import { decompose } from 'polyadic';
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.postMessage((await decompose(...workerData)).backendReason);\`;
    const { Worker } = module;
    const { writeFileSync } = process.getBuiltinModule('node:fs');
    writeFileSync('nested.mjs', source);
    told.reason = await new Promise((resolve, reject) => {
      new Worker(new URL('nested.mjs', import.meta.url), { workerData: [target, options] }).on('message', resolve).on('error', reject);
    });`;
  expect(outcomeOf(body)).toEqual({ reason: 'asked for by name', started: 1, ended: 1 });
});

test('where the script is not found, one thread does it all', () => {
  const body = `
    const { Worker } = module;
    module.Worker = class extends Worker {
      constructor(script, given) {
        super(new URL('missing.js', script), given);
      }
    };
    const of = async () => (await decompose(target, { ...options, maxSteps: 30 })).backendReason;
    Object.assign(told, { first: await of(), second: await of() });`;
  const reason = 'asked for by name';
  expect(outcomeOf(body)).toEqual({ first: reason, second: reason, started: 2, ended: 2 });
});

test('flags of the process that a script does not take do not reach the threads', () => {
  const body = `told.reason = (await decompose(target, { ...options, maxSteps: 30 })).backendReason;`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', frame(body)], {
    cwd: project,
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect([status, JSON.parse(stdout)]).toEqual([
    0,
    { reason: 'asked for by name; 2 threads shared the starts', started: 2, ended: 2 },
  ]);
});

test('a batch: threads share the problems, also of an abort', () => {
  const body = `
    const targets = [0, 1, 2, 3, 4, 5, 6, 7].map((seed) =>
      factored({ ...plantedSymmetric({ order: 3, dim: 32, rank: 18, seed }).truth, dim: 32 }));
    const stop = new AbortController();
    const batch = decomposeBatch(targets, { backend: 'cpu', tolerance: 0, maxSteps: 100_000, threads: 2, signal: stop.signal });
    // When both have begun.
    setInterval(function () {
      if (count.started < 2 || !workers.every((worker) => worker.performance.eventLoopUtilization().active > 0)) return;
      clearInterval(this);
      stop.abort();
    }, 10);
    told.stops = (await batch).map(({ stop: how }) => how);`;
  const { stops, ...counts } = outcomeOf(body) as { stops: string[] };
  expect(counts).toEqual({ started: 2, ended: 2 });
  expect(stops).toEqual(Array<string>(8).fill('aborted'));
});

test('in a page they are module workers; where the script is not found, one thread does it all', async () => {
  const script = `
    import { decompose, dense } from './polyadic/dist/index.js';
    import { plantedCp } from './polyadic/dist/problems.js';
    const ended = new Set();
    let started = 0;
    globalThis.Worker = class extends Worker {
      constructor(...given) {
        super(...given);
        started++;
      }
      terminate() {
        ended.add(this);
        super.terminate();
      }
    };
    async function main() {
      const { tensor } = plantedCp({ shape: [46, 45, 47], rank: 8, noise: 0.1, seed: 1 });
      const target = dense(tensor.shape, tensor.data);
      const options = { algorithm: 'als', rank: 8, starts: 8, seed: 3, backend: 'cpu' };
      const reasons = [];
      const bitsOf = async (threads) => {
        const { seconds, backendReason, history, ...rest } = await decompose(target, { ...options, threads });
        reasons.push(backendReason);
        return JSON.stringify({ ...rest, history: history.map((report) => ({ ...report, seconds: 0 })) });
      };
      const isSame = (await bitsOf(1)) === (await bitsOf(2));
      const stop = new AbortController();
      const onProgress = ({ step }) => step === 5 && setTimeout(() => stop.abort());
      const { stop: how, steps } = await decompose(target, { ...options, threads: 2, onProgress, signal: stop.signal });
      const before = started;
      await bitsOf(undefined);
      return { reasons, isSame, how, steps, started, ended: ended.size, unasked: started - before };
    }
    main().then((found) => (globalThis.outcome = found), (error) => (globalThis.outcome = { error: error.stack }));`;
  const browser = await connect({ browserWSEndpoint: inject('demo').browser });
  const outcomeIn = async (folder: string): Promise<unknown> => {
    cpSync(installed, join(project, folder, 'polyadic'), { recursive: true });
    write(`${folder}/main.js`, script);
    write(`${folder}/index.html`, '<!doctype html><meta charset="utf-8"><script type="module" src="main.js"></script>');
    if (folder === 'without') rmSync(join(project, folder, 'polyadic/dist/worker-script.js'));
    const served = await serveFolder(join(project, folder));
    const outcome = await outcomeAt(browser, served.url);
    served.close();
    return outcome;
  };
  const reason = 'asked for by name';
  const shared = { isSame: true, how: 'aborted', steps: 5, unasked: 0 };
  const reasons = [reason, `${reason}; 2 threads shared the starts`, reason];
  expect(await outcomeIn('with')).toEqual({ ...shared, reasons, started: 4, ended: 4 });
  expect(await outcomeIn('without')).toEqual({ ...shared, reasons: [reason, reason, reason], started: 2, ended: 2 });
  await browser.disconnect();
});
