// `npm start`: a real tensor whose rank nobody has told. Finds that it is two, with reasons, checks the components on WebGPU where there
// is an adapter, prints what came out, writes it to out/unemployment, and says what to do with it.
import { join } from 'node:path';
import { BackendError, InputError } from '../src/errors.js';
import {
  decompose,
  denseNorm,
  matchComponents,
  type BackendChoice,
  type Decomposition,
  type Kruskal,
} from '../src/index.js';
import { writeNpy } from '../src/io/index.js';
import { chooseBackend } from '../src/node/choose-backend.js';
import { componentBars, inWords } from '../src/node/component-bars.js';
import { adapterText, count, errorText, numberText, secondsText, shapeText } from '../src/node/format.js';
import { resultFiles } from '../src/node/result-files.js';
import { requireWritable, writeResultFolder } from '../src/node/result-folder.js';
import { ProgressLine, terminalOf } from '../src/node/terminal.js';
import { unemployment } from './examples/unemployment.js';

const seed = 1;
/** Tight, so that two algorithms come to the same point of a flat valley and not just to the same error. */
const tolerance = 1e-10;
const maxSteps = 5000;
const folder = join('out', 'unemployment');
const terminal = terminalOf(process.stdout);
const example = unemployment();
const tensorFile = 'tensor.npy';

process.stdout.on('error', () => process.exit());

try {
  await main();
} catch (error) {
  if (!(error instanceof InputError || error instanceof BackendError)) throw error;
  process.stderr.write(`polyadic: ${error.message}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}

async function main(): Promise<void> {
  const { target, modes, title, source, unit } = example;
  requireWritable(folder, { force: true });
  say('');
  say(`${terminal.paint('bold', title)}, in ${unit}`);
  say(terminal.paint('dim', source));
  say('');
  field(
    'tensor',
    `${shapeText(target.shape)} (${modes.map(({ name }) => name).join(' × ')}), ${count(target.data.length)} numbers, norm ${numberText(denseNorm(target))}`,
  );

  const result = await run('cpu', 'auto');
  tell(result);
  say('');
  say(componentBars(result.kruskal, modes, terminal));
  say('');
  say('Bars and numbers: percentage points that a component adds, averaged over the other two modes.');
  say('');
  result.kruskal.weights.forEach((_, r) => say(inWords(result.kruskal, modes, r)));
  await compare(result);
  say('');
  write(result);
}

function run(backend: BackendChoice, rank: number | 'auto'): Promise<Decomposition<Kruskal>> {
  const line = new ProgressLine(process.stderr);
  const running = decompose(example.target, {
    rank,
    seed,
    tolerance,
    maxSteps,
    backend,
    onProgress: ({ step, relativeError, seconds }) =>
      line.show(`${backend}: step ${step}, relative error ${errorText(relativeError)}, ${secondsText(seconds)}`),
  });
  return running.finally(() => line.clear());
}

function tell(result: Decomposition<Kruskal>): void {
  const { algorithm, starts, steps, seconds, relativeError, rankChoice, rank } = result;
  const { verdict = `rank ${rank}`, confidence = 'open', reasons = [], candidates = [] } = rankChoice ?? {};
  field('answer', terminal.paint('bold', `${verdict} (${confidence})`));
  for (const reason of reasons) field('', reason);
  field('relative error', terminal.paint('bold', relativeError.toFixed(6)));
  const errors = candidates.map((one) => `${one.rank}: ${one.relativeError.toFixed(3)}`).join(', ');
  field('by rank', `${errors}; ${starts.agreeing} of ${starts.count} starts came to these components`);
  field('method', `${algorithm}, in float64, seed ${seed}; ${count(steps)} steps in ${secondsText(seconds)}`);
}

/** The same rank by alternating least squares on WebGPU, and how far the two agree. */
async function compare(result: Decomposition<Kruskal>): Promise<void> {
  const { choice, reason } = chooseBackend('auto');
  if (choice === 'cpu') {
    field('webgpu', `not compared: ${reason ?? 'there is no WebGPU adapter'}`);
    return;
  }
  try {
    const again = await run('webgpu', result.rank);
    const { score } = matchComponents(result.kruskal, again.kruskal);
    const difference = Math.abs(result.relativeError - again.relativeError);
    field(
      'on webgpu',
      `${again.algorithm}, ${adapterText(again.adapter)}, ${count(again.steps)} steps in ${secondsText(again.seconds)}`,
    );
    field(
      'agreement',
      `factor match score ${score.toFixed(6)}, relative error ${again.relativeError.toFixed(6)} (difference ${difference.toExponential(1)})`,
    );
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    field('webgpu', `not compared: ${error.message}`);
  }
}

function write(result: Decomposition<Kruskal>): void {
  const { target, modes, title, source } = example;
  const about = { input: title, source, shape: target.shape, modes };
  const tensor = writeNpy({ shape: target.shape, data: target.data });
  const files = writeResultFolder(folder, resultFiles(result, about, { [tensorFile]: tensor }));
  const [first = '', ...rest] = files;
  field('written', `${first}, ${rest.map((file) => file.slice(folder.length + 1)).join(', ')}`);
  say('');
  say(terminal.paint('bold', 'Go on'));
  say(`  npm run --silent polyadic -- decompose ${join(folder, tensorFile)} --rank 3 --out ${join('out', 'rank-3')}`);
  say(`  npm run --silent polyadic -- match ${folder} ${join('out', 'rank-3')}`);
  say(`  python3 -c "import numpy; print(numpy.load('${join(folder, 'factor-0.npy')}'))"   # industries by components`);
  say('');
}

function field(label: string, text: string): void {
  say(`${terminal.paint('dim', label.padEnd(16))}${text}`);
}

function say(text: string): void {
  process.stdout.write(`${terminal.plain(text)}\n`);
}
