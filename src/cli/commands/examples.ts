// `polyadic examples`: the real tensors that come with it; `polyadic examples NAME` decomposes one and shows its components with their labels.
import { denseNorm, type Kruskal } from '../../index.js';
import { writeNpy } from '../../io/index.js';
import { requireKnownNames } from '../../names.js';
import { componentBars } from '../../node/component-bars.js';
import { count, shapeText } from '../../node/format.js';
import { oneFieldALine } from '../../node/result-files.js';
import { terminalOf } from '../../node/terminal.js';
import { optionsOfFiles } from '../file-options.js';
import type { Command } from '../command.js';
import { examples, type Example } from '../examples/examples.js';
import { decomposeCommand, decomposeInput } from './decompose.js';

/** Options of decompose that say how a file is read, or that ask for another kind of model, have no place here. */
const left = ['symmetric', 'fixed', 'init', 'config', 'checkpoint', 'resume', ...optionsOfFiles];

export const examplesCommand: Command = {
  name: 'examples',
  summary: 'real tensors that come with polyadic; NAME: decompose one',
  operands: ['[NAME]'],
  choices: examples.map(({ name }) => name),
  options: Object.fromEntries(Object.entries(decomposeCommand.options).filter(([option]) => !left.includes(option))),
  notes: `Without NAME, the list. The options are those of decompose; --out writes the tensor too, tensor.npy, with the names of
its modes in tensor.json, where decompose finds them.

  polyadic examples
  polyadic examples unemployment --out result
  polyadic decompose result/tensor.npy --rank 3`,

  async run(args) {
    const [name] = args.operands;
    if (name === undefined) {
      process.stdout.write(terminalOf(process.stdout).plain(examples.map(lineOf).join('')));
      return 0;
    }
    const example = exampleOf(name);
    const target = await example.load();
    const { shape, data } = target;
    const modes = example.modes.map((mode) => mode.name);
    const labels = example.modes.map(({ ticks }) => ticks);
    const terminal = terminalOf(process.stdout);
    return decomposeInput(
      `${example.title} (${example.source})`,
      {
        target,
        shape,
        text: `dense ${shapeText(shape)}, ${count(data.length)} entries`,
        norm: () => denseNorm(target),
        cells: data.length,
        names: { modes, value: example.value, labels },
        isListed: false,
        notices: [],
      },
      args,
      {
        files: { 'tensor.npy': writeNpy({ shape, data }), 'tensor.json': oneFieldALine({ modes, labels }) },
        picture: ({ kruskal }) => `\n${componentBars(kruskal as Kruskal, example.modes, terminal)}\n`,
      },
    );
  },
};

function exampleOf(name: string): Example {
  const [found] = examples.filter((one) => one.name === name);
  if (found) return found;
  const known = examples.map((one) => one.name);
  requireKnownNames('examples', [name], known, 'example');
  throw new Error(`examples: expected one of ${known.join(', ')}, got ${name}.`);
}

const lineOf = ({ name, title, modes, source }: Example): string =>
  `${name.padEnd(14)}${title}, ${shapeText(modes.map(({ ticks }) => ticks.length))}; ${source}\n`;
