// What the library says names its options and losses; here they are flags: maxSteps → --max-steps.
import { kebabCase } from '../names.js';

export function withFlags(text: string): string {
  return text
    .replaceAll(/\b(maxSteps|initScale|learningRate|batchSize|lossParameter|validation)\b/g, flagOf)
    .replaceAll(/\b(poissonLog|bernoulliLogit)\b/g, kebabCase)
    .replace('(rank: R)', '(--rank R)')
    .replace('with base: 0', 'with --base 0');
}

const flagOf = (name: string): string => `--${kebabCase(name)}`;
