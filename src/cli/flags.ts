// What the library says names its options and losses; here they are flags: maxSteps → --max-steps, base: 0 → --base 0. Words that were
// typed are left as they are: `--loss poissonLog` is refused under that name.
import { algorithmKinds, optionTable } from '../index.js';
import { kebabCase } from '../names.js';

const optionNames = [
  'maxSteps',
  'threads',
  'nonnegative',
  'fixed',
  'init',
  ...algorithmKinds.flatMap((kind) => Object.keys(optionTable(kind))),
];

/** Where a message names an option: "expected ridge to be", "Change ridge.", and names that are no words, as learningRate. */
const namedOption = new RegExp(
  `(?<=\\b(?:expected|Change) )(?:${optionNames.join('|')})(?= to be\\b|\\.)|(?<![-\\w])(?:${optionNames.filter((name) => /[A-Z]/.test(name)).join('|')})\\b`,
  'g',
);

export function withFlags(text: string): string {
  return text
    .replaceAll(namedOption, flagOf)
    .replaceAll(/(?<=\bwith loss )\w+/g, kebabCase)
    .replaceAll(/(?<![-\w])(base|header|decimal|encoding|value): (?:'([^']*)'|(\w+))/g, valued)
    .replaceAll(
      /\bmodes: \[([^\]]*)\]/g,
      (_, list: string) => `--modes ${quoted(list.replaceAll(/'(, )?/g, (mark) => (mark === "'" ? '' : ',')))}`,
    )
    .replaceAll(/\b(wide|labels): true\b/g, '--$1')
    .replace('(rank: R)', '(--rank R)')
    .replace("{ missing: 'nan' }", '--missing nan')
    .replace('mark it in known', 'mark it in --known FILE')
    .replace(/\bthe marks as (known|missing) instead/, 'the marks as --$1 instead')
    .replace(/\b[Ll]eave (decimal|encoding|value|modes|base|shape|labels) out\b/, (said, name: string) =>
      said.replace(name, `--${name}`),
    );
}

const flagOf = (name: string): string => `--${kebabCase(name)}`;

function valued(_: string, name: string, text: string | undefined, bare: string | undefined): string {
  const value = text ?? (name === 'header' ? (bare === 'true' ? 'yes' : 'no') : (bare ?? ''));
  return `--${name} ${quoted(value)}`;
}

/** As a shell takes it for one word. */
const quoted = (value: string): string => (/^[\w.,:/-]+$/.test(value) ? value : `'${value}'`);
