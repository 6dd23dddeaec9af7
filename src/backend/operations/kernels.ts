// Operations that are one dispatch of one kernel. The kernel is their whole declaration: its arrays, parameters and variant are the
// arguments of the operation, its doc comment says what it computes, and the webgpu backend needs no code for it. An operation
// that takes more than one dispatch, or has to find out sizes first, has its arguments in a file of its family beside this one.
import { recordComponents } from '../../../shaders/alignment.wgsl.js';
import { columnNorms, scaleColumns } from '../../../shaders/columns.wgsl.js';
import { updateVanilla } from '../../../shaders/factored.wgsl.js';
import { normalizeRows, setRates, shiftRows, updatePolar } from '../../../shaders/flow.wgsl.js';
import { gram } from '../../../shaders/gram.wgsl.js';
import type { Bindings, Kernel, Params } from '../../../shaders/kernel.js';
import { subtractGaussian } from '../../../shaders/moments.wgsl.js';
import { factorNormalMatrix, subtractSolution } from '../../../shaders/normal-equations.wgsl.js';
import {
  drawPrecisions,
  posteriorGradient,
  steinDirection,
  steinKernel,
  stepSghmc,
} from '../../../shaders/sampling.wgsl.js';
import { traceResidual } from '../../../shaders/trace.wgsl.js';
import type { DeviceArray, IndexArray } from '../backend.js';

export const kernelOperations = {
  columnNorms,
  drawPrecisions,
  factorNormalMatrix,
  gram,
  normalizeRows,
  posteriorGradient,
  recordComponents,
  scaleColumns,
  setRates,
  shiftRows,
  steinDirection,
  steinKernel,
  stepSghmc,
  subtractGaussian,
  subtractSolution,
  traceResidual,
  updatePolar,
  updateVanilla,
};

export type KernelOperations = {
  readonly [name in keyof typeof kernelOperations]: (args: ArgsOf<(typeof kernelOperations)[name]>) => void;
};

/** What a dispatch of a kernel is given, all by name: its arrays, its parameters, and the fields of its variant. */
export type KernelArgs<B extends Bindings, P extends Params, V> = KernelArrays<B> & {
  readonly [name in keyof P]: number;
} & Readonly<V>;

export type KernelArrays<B extends Bindings> = {
  readonly [name in keyof B]: B[name]['of'] extends 'u32' ? IndexArray : DeviceArray;
};

type ArgsOf<K> = K extends Kernel<infer B, infer P, infer V> ? KernelArgs<B, P, V> : never;
