// What the library says names its options and losses; here they are flags: maxSteps → --max-steps, base: 0 → --base 0. Words that were
// typed are left as they are: `--loss poissonLog` is refused under that name.
import { kebabCase } from '../names.js';

export function withFlags(text: string): string {
  return text
    .replaceAll(/\b(maxSteps|initScale|learningRate|batchSize|lossParameter|validation)\b/g, flagOf)
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
