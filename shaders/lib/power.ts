// Integer powers by repeated multiplication: the sign is exact, and pow() is undefined for negative bases in WGSL.

/** WGSL function `name(x) = x^exponent`, exponent ≥ 0, in ⌊log2⌋ + (ones − 1) multiplications. */
export function powerFunction(name: string, exponent: number): string {
  const lines: string[] = [];
  const factors: string[] = [];
  for (let bit = 0, at = 'x'; 1 << bit <= exponent; bit++) {
    if (bit > 0) {
      lines.push(`  let x${1 << bit} = ${at} * ${at};`);
      at = `x${1 << bit}`;
    }
    if (exponent & (1 << bit)) factors.push(at);
  }
  return [`fn ${name}(x: f32) -> f32 {`, ...lines, `  return ${factors.join(' * ') || '1f'};`, '}'].join('\n');
}
