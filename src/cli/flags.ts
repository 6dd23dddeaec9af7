// What the library says names its options; here they are flags: maxSteps → --max-steps.

export function withFlags(text: string): string {
  return text.replaceAll(/\b(maxSteps|initScale)\b/g, flagOf).replace('(rank: R)', '(--rank R)');
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
