// The numeric dtypes of .npy files: how wide they are and which typed array holds them. Used by npy.ts.
import { InputError } from '../errors.js';

export type NpyData =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** f2 is read by halfToFloat, so its array is that of the result. */
export const dtypes = {
  b1: { bytes: 1, array: Uint8Array },
  i1: { bytes: 1, array: Int8Array },
  u1: { bytes: 1, array: Uint8Array },
  i2: { bytes: 2, array: Int16Array },
  u2: { bytes: 2, array: Uint16Array },
  i4: { bytes: 4, array: Int32Array },
  u4: { bytes: 4, array: Uint32Array },
  i8: { bytes: 8, array: BigInt64Array },
  u8: { bytes: 8, array: BigUint64Array },
  f2: { bytes: 2, array: Float32Array },
  f4: { bytes: 4, array: Float32Array },
  f8: { bytes: 8, array: Float64Array },
} as const;

export type NpyDtype = keyof typeof dtypes;

/** '<f8' → f8, little-endian. One-byte types carry '|'; '=' means the order of the machine that wrote, taken as little. */
export function parseDescr(descr: string): { dtype: NpyDtype; bigEndian: boolean } {
  const order = descr.slice(0, 1);
  const dtype = descr.slice(1);
  if (!isDtype(dtype) || !'<>=|'.includes(order) || (order === '|' && dtypes[dtype].bytes > 1)) {
    throw new InputError(
      `readNpy: expected a real numeric dtype (b1, i1–i8, u1–u8, f2–f8), got ${JSON.stringify(descr)}${hint(dtype)}`,
    );
  }
  return { dtype, bigEndian: order === '>' };
}

const isDtype = (name: string): name is NpyDtype => Object.hasOwn(dtypes, name);

function hint(dtype: string): string {
  if (dtype.startsWith('c')) return ' (complex). Save the real and the imaginary part as two arrays.';
  if (dtype.startsWith('O')) return ' (Python objects). Save a plain array: numpy.asarray(x, dtype=float).';
  if (dtype.startsWith('f')) return ' (long double). Convert it: x.astype(numpy.float64).';
  return '. Convert it: x.astype(numpy.float64).';
}

/** IEEE 754 binary16 to float32, exact. */
export function halfToFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (half) => {
    const sign = half >>> 15 === 1 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
