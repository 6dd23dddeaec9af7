// `polyadic ranks INPUT`: what every rank gives, with the verdict, without a model.
import { InputError } from '../../errors.js';
import { ranks, type RanksOptions } from '../../index.js';
import { errorText, secondsText } from '../../node/format.js';
import { ProgressLine, terminalOf } from '../../node/terminal.js';
import { cellsText } from '../cells-text.js';
import { jsonOption, type Command } from '../command.js';
import { fileOptions } from '../file-options.js';
import { readTensor } from '../input.js';
import { ranksReport } from '../report.js';
import { given, tell } from '../run.js';

export const ranksCommand: Command = {
  name: 'ranks',
  summary: 'what every rank of a dense tensor gives, with the verdict',
  operands: ['INPUT'],
  options: {
    ...fileOptions,
    'max-rank': { value: 'R', help: 'largest rank that is looked at; default: as far as it takes' },
    starts: { value: 'K', help: 'starts per rank, where no fit is at the noise; default: 6' },
    seed: { value: 'S', help: 'integer that everything random follows from; default: 0' },
    json: jsonOption,
    quiet: { help: 'no progress' },
  },
  notes: `INPUT is what decompose reads. Of every rank: its error, what its last component takes of what was left, that in units of what
noise would give, the core consistency, and how many starts came to the same components. A star is at the answer.
Cells may be missing. decompose finds the same rank, and the components.

  polyadic ranks tensor.npy
  polyadic ranks tensor.npy --max-rank 8 --json`,

  async run(args) {
    const [path = ''] = args.operands;
    const { target, shape, text, names, notices, ...input } = readTensor(path, args);
    if (target.kind !== 'dense') {
      throw new InputError(
        `${path}: expected a dense tensor, got a symmetric one. Use polyadic decompose, which finds its rank.`,
      );
    }
    const options: RanksOptions = given<RanksOptions>({
      maxRank: args.number('max-rank', 'a rank'),
      starts: args.number('starts', 'a number of starts'),
      seed: args.number('seed', 'an integer'),
    });
    const line = new ProgressLine(process.stderr, args.has('quiet'));
    const begun = performance.now();
    const choice = await ranks(target, {
      ...options,
      onProgress: ({ candidates, seconds }) => {
        const last = candidates.at(-1);
        if (last)
          line.show(`rank ${last.rank}  relative error ${errorText(last.relativeError)}  ${secondsText(seconds)}`);
      },
    }).finally(() => line.clear());
    const seconds = (performance.now() - begun) / 1000;
    if (args.has('json')) {
      if (!args.has('quiet')) tell(path, notices);
      process.stdout.write(`${JSON.stringify({ ...choice, seed: options.seed ?? 0, seconds })}\n`);
      return 0;
    }
    const cells = cellsText({ shape, ...input });
    process.stdout.write(
      ranksReport(
        { path, shape, text, norm: input.norm(), names, cells, choice, seconds, notices },
        terminalOf(process.stdout),
      ),
    );
    return 0;
  },
};
