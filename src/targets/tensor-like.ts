// Tensors as other libraries hold them, made into dense targets: what decompose() takes beside its own targets.
//   { shape, data }                       typed arrays, numbers or BigInts, row-major
//   { shape, data, known }                the same with missing cells; or `missing`, as for dense()
//   { shape, data, strides, offset }      views: scijs ndarray (`stride`), NumPy's order of strides, counted in entries
//   { dims, data }                        ONNX Runtime
//   { shape, data() }                     TensorFlow.js, jax-js: read from their device, and left to the caller
//   [[[1, 2], [3, 4]], …]                 nested arrays; the innermost may be typed
import { InputError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';
import { denseOf, type DenseTarget } from './dense.js';
import type { KnownCells } from './known-cells.js';

export type NumberList = ArrayLike<number> | ArrayLike<bigint>;

export interface ShapedArray extends KnownCells {
  readonly shape: readonly number[];
  readonly data: NumberList;
  /** Entries from one index of a mode to the next; `stride` is the same. Default: row-major. */
  readonly strides?: readonly number[];
  readonly stride?: readonly number[];
  /** Where entry (0, 0, …) is. Default: 0. */
  readonly offset?: number;
}

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: NumberList;
}

/** A tensor on a device, which hands out its entries in row-major order when asked. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  data(): Promise<NumberList> | NumberList;
}

export type NestedArray = readonly (number | NestedArray)[] | readonly NumberList[] | readonly NestedArray[];

export type TensorLike = ShapedArray | OnnxTensor | DeviceTensor | NestedArray;

/** The dense target that it stands for. @throws InputError that names what came instead. */
export async function denseFrom(who: string, input: unknown): Promise<DenseTarget> {
  if (Array.isArray(input)) {
    const shape = nestedShape(input);
    return denseOf(who, shape, flatten(who, input, shape), {});
  }
  if (typeof input !== 'object' || input === null || !('data' in input)) throw unknownInput(who, input);
  const shape = 'shape' in input ? input.shape : 'dims' in input ? input.dims : undefined;
  if (!isSizes(shape)) throw unknownInput(who, input);
  const data = typeof input.data === 'function' ? await readDevice(input as DeviceTensor) : input.data;
  if (!isNumberList(data)) throw unknownInput(who, input);
  const { strides, stride = strides, offset = 0, known, missing } = input as Partial<ShapedArray>;
  const entries = stride === undefined && offset === 0 ? data : inRowMajorOrder(who, data, { shape, stride, offset });
  if ('mask' in input && input.mask !== undefined) {
    throw new InputError(
      `${who}: expected known or missing beside shape and data, got mask. TensorLy's masks are known, NumPy's are missing: give it under the name that says which.`,
    );
  }
  const cells = { ...(known === undefined ? {} : { known }), ...(missing === undefined ? {} : { missing }) };
  return denseOf(who, shape, numbersOf(who, entries), cells);
}

/** jax-js gives an array up when it is read, unless a reference of its own is taken. */
const readDevice = (tensor: DeviceTensor): Promise<NumberList> | NumberList =>
  ((tensor as { readonly ref?: DeviceTensor }).ref ?? tensor).data();

/** The entries of a view: (i_0, i_1, …) is data[offset + Σ i_k · stride[k]]. */
function inRowMajorOrder(
  who: string,
  data: NumberList,
  { shape, stride, offset }: { readonly shape: readonly number[]; readonly stride: unknown; readonly offset: unknown },
): NumberList {
  const steps = stride ?? rowMajorStrides(shape);
  if (!isList(steps) || steps.length !== shape.length || ![...steps, offset].every(Number.isSafeInteger)) {
    throw new InputError(
      `${who}: expected an integer offset and ${shape.length} integer strides, got ${String(offset)} and [${String(stride)}]. Give one stride per mode, in entries.`,
    );
  }
  const out = new Array<number | bigint>(sizeOf(shape));
  const index = shape.map(() => 0);
  let from = offset as number;
  for (let to = 0; to < out.length; to++) {
    const entry = data[from];
    if (entry === undefined) {
      throw new InputError(
        `${who}: expected entry [${index.join(', ')}] of the view at ${from}, got ${data.length} entries. Check shape, strides and offset.`,
      );
    }
    out[to] = entry;
    for (let mode = shape.length - 1; mode >= 0; mode--) {
      from += steps[mode]!;
      if (++index[mode]! < shape[mode]!) break;
      from -= steps[mode]! * shape[mode]!;
      index[mode] = 0;
    }
  }
  return out as NumberList;
}

const rowMajorStrides = (shape: readonly number[]): number[] => shape.map((_, mode) => sizeOf(shape.slice(mode + 1)));

/** Numbers; BigInts as numbers where they fit. */
function numbersOf(who: string, data: NumberList): ArrayLike<number> {
  if (typeof data[0] !== 'bigint') return data as ArrayLike<number>;
  return Float64Array.from(data as ArrayLike<bigint>, (value) => {
    const number = Number(value);
    if (BigInt(number) === value) return number;
    throw new InputError(`${who}: expected integers that float64 holds exactly, got ${value}n. Scale the entries.`);
  });
}

/** Sizes along the first entry of every level. */
function nestedShape(rows: readonly unknown[]): number[] {
  const shape: number[] = [];
  for (let level: unknown = rows; isNumberList(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(who: string, rows: readonly unknown[], shape: readonly number[]): number[] {
  const out: number[] = [];
  const visit = (part: unknown, place: readonly number[]): void => {
    const size = shape[place.length];
    if (size === undefined) {
      out.push(part as number);
      return;
    }
    if (!isNumberList(part) || part.length !== size) {
      const got = isNumberList(part) ? `${part.length} entries` : describe(part);
      throw new InputError(
        `${who}: expected ${size} entries at [${place.join(', ')}] of the nested arrays, as in the first one there, got ${got}. Make all rows of one length.`,
      );
    }
    for (let at = 0; at < size; at++) visit(part[at], [...place, at]);
  };
  visit(rows, []);
  return out;
}

const isList = (value: unknown): value is readonly number[] => Array.isArray(value) || ArrayBuffer.isView(value);

const isSizes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(Number.isInteger);

const isNumberList = (value: unknown): value is NumberList =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function unknownInput(who: string, input: unknown): InputError {
  return new InputError(
    `${who}: expected a target (dense(shape, data), observed(…), …), { shape, data }, { dims, data } or nested arrays, got ${describe(input)}. Give a tensor with its shape.`,
  );
}

/** What came, for who gave it to recognize: "a string", "a Float64Array of 12 entries", "an object of rows, cols". */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if ('then' in value) return 'a Promise: await it first';
  const name = value.constructor?.name ?? 'object';
  if (isNumberList(value)) return `a ${name} of ${value.length} entries without a shape`;
  const keys = Object.keys(value);
  const parts = keys.length === 0 ? 'nothing' : keys.slice(0, 6).join(', ');
  return name === 'Object' || name === 'object' ? `an object of ${parts}` : `a ${name} of ${parts}`;
}
