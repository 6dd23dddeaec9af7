// Values that a loss cannot have are refused before any device is opened.
import { InputError } from '../errors.js';
import { lossOf, type LossName } from '../losses/losses.js';
import type { SampledTarget } from '../targets/hold-out.js';

/** @throws InputError for the first value that the loss cannot have, with the entry that it is of. */
export function requireLossValues(who: string, target: SampledTarget, loss: LossName): void {
  const { domain } = lossOf(loss);
  const { values } = target;
  // No findIndex: at millions of values others would wait for its calls.
  let bad = 0;
  while (bad < values.length && domain.holds(values[bad]!)) bad++;
  if (bad === values.length) return;
  throw new InputError(
    `${who}: expected ${domain.values} with loss ${loss}, got ${values[bad]} for observation ${bad}${entryText(target, bad)}. Correct it, or choose another loss.`,
  );
}

function entryText(target: SampledTarget, e: number): string {
  if (target.kind !== 'observed') return '';
  const order = target.shape.length;
  return `, entry (${target.indices.subarray(e * order, (e + 1) * order).join(', ')})`;
}
