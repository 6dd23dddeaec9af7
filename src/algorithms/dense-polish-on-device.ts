// The last digits of a CP model of a dense tensor with products on a device; loaded by compressed.ts where there is one.
import type { DeviceTensor } from '../backend/backend.js';
import { cpProductsOnDevice } from '../compaction/cp-products-on-device.js';
import type { PolishOptions } from '../compaction/polish-cp.js';
import { BackendError } from '../errors.js';
import type { FinishWork } from '../handles/handle.js';
import type { DenseTarget } from '../targets/dense.js';
import { rankOf } from '../tensor/kruskal.js';
import { polish, type Polished } from './dense-polish.js';

/** Errors on a device are sums that are rounded at every step: smaller changes, in units of its roundoff, are not steps forward. */
const deviceDigits = 256;

/**
 * Gauss-Newton on the full tensor with products on a device, to its precision, and then the last digits in float64 on the CPU. If the device fails, the CPU goes on
 * from where it was.
 */
export function* polishOnDevice(
  target: DenseTarget,
  start: Polished,
  options: PolishOptions,
  device: DeviceTensor,
): FinishWork<Polished> {
  let last = start;
  let whyNotOnDevice: string | undefined;
  try {
    const products = cpProductsOnDevice(device, rankOf(start.kruskal));
    const tolerance = Math.max(options.tolerance, deviceDigits * device.roundoff);
    const maxSteps = options.maxSteps - 1;
    last = maxSteps > 0 ? yield* polish(target, start, { ...options, tolerance, maxSteps, products }) : start;
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    whyNotOnDevice = error.message;
  }
  const maxSteps = Math.max(1, options.maxSteps - (last.step - start.step));
  return { ...(yield* polish(target, last, { ...options, maxSteps })), whyNotOnDevice };
}
