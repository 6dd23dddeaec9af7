// A kernel is data: its arrays, its numbers, how many invocations it takes and what they cost, the variants it is compiled in, and
// the WGSL of its body. The WGSL declarations and the types of the host call (src/backend/webgpu/recorder.ts) come from the same
// object, so neither order, name, access nor type can differ between the two. Nothing here touches a device.
import { wgsl as preprocess } from 'wgsl-preprocessor/wgsl-preprocessor.js';

export interface Binding {
  readonly access: 'read' | 'read_write';
  readonly of: 'f32' | 'u32';
  /** Shape and storage order: `[batch, rows]` in names of parameters, then remarks. For the reader, the tests and the generated comment. */
  readonly shape: string;
}

export const read = (shape: string) => ({ access: 'read', of: 'f32', shape }) as const;
export const readIntegers = (shape: string) => ({ access: 'read', of: 'u32', shape }) as const;
export const readWrite = (shape: string) => ({ access: 'read_write', of: 'f32', shape }) as const;

export type ParamType = 'u32' | 'f32';
export type Bindings = Readonly<Record<string, Binding>>;
export type Params = Readonly<Record<string, ParamType>>;
export type Values<P extends Params> = { readonly [name in keyof P]: number };

/** Of kernels that are the same in every dispatch. */
export type NoVariant = object;

interface Declaration<B extends Bindings, P extends Params, V> {
  readonly name: string;
  /** The arrays, by name. No array has the name of a parameter. */
  readonly bindings: B;
  /** The numbers of a dispatch, by name. */
  readonly params: P;
  /** Whether this variant needs the WebGPU feature `subgroups`. */
  readonly usesSubgroups?: (variant: V) => boolean;
  /** Invocations of a workgroup. Default: 64. */
  readonly workgroupSize?: (variant: V) => number;
  /** Flops of a dispatch, or what takes as long: submits are cut by it. Default: 32 per invocation. */
  readonly work?: (params: Values<P>, variant: V) => number;
  /** WGSL in front of the entry point: functions, workgroup memory. */
  readonly declarations?: (variant: V) => string;
  /** WGSL of the entry point, without its braces; may use every binding, `params` and `workgroupSize` by name. */
  readonly body: (variant: V) => string;
}

/** One invocation for each of the product of these parameters; the body finds its number in `index`. */
interface Elementwise<P extends Params> {
  readonly invocations: readonly (keyof P & string)[];
  readonly workgroups?: undefined;
}

/**
 * Any number of workgroups; the body finds its own in `group`, its invocation in `lane`, and if it uses subgroups its place in one
 * in `subgroupLane`. The device may run a few groups too many.
 */
interface Grouped<P extends Params, V> {
  readonly workgroups: (params: Values<P>, variant: V) => number;
  readonly invocations?: undefined;
}

export type KernelDeclaration<B extends Bindings, P extends Params, V> = Declaration<B, P, V> &
  (Elementwise<P> | Grouped<P, V>);

interface Variants<V> {
  /** Every variant the host side can ask for, or examples of them, all with the same fields: the tests compile them. */
  readonly variants: (subgroups: boolean) => readonly V[];
}

export interface Kernel<B extends Bindings = Bindings, P extends Params = Params, V = never> {
  readonly name: string;
  readonly bindings: B;
  readonly params: P;
  /** Name and variant, different for different sources; further fields do not matter, here and below. */
  readonly key: (variant: V) => string;
  /** The whole WGSL module of one variant. */
  readonly source: (variant: V) => string;
  /** The modules of all declared variants. */
  readonly sources: (subgroups: boolean) => string[];
  workgroups(params: Values<P>, variant: V): number;
  work(params: Values<P>, variant: V): number;
}

/** Template tag for WGSL: holes, and `#if ${…} / #elif ${…} / #else / #endif` on their own lines. */
export function wgsl(strings: TemplateStringsArray, ...values: (string | number | boolean)[]): string {
  for (const value of values) {
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new Error(`wgsl: a hole holds ${value}, expected text or a finite number. Check the kernel's variant.`);
    }
  }
  return preprocess(strings, ...values);
}

const workOfInvocation = 32;

export function defineKernel<const B extends Bindings, const P extends Params>(
  declaration: KernelDeclaration<B, P, NoVariant> & { readonly variants?: undefined },
): Kernel<B, P, NoVariant>;
export function defineKernel<const B extends Bindings, const P extends Params, V>(
  declaration: KernelDeclaration<B, P, V> & Variants<NoInfer<V>>,
): Kernel<B, P, V>;
export function defineKernel<const B extends Bindings, const P extends Params, V extends object>(
  declaration: KernelDeclaration<B, P, V> & { readonly variants?: Variants<V>['variants'] | undefined },
): Kernel<B, P, V> {
  const { name, bindings, params, variants = () => [] } = declaration;
  const fields = Object.entries(variants(true)[0] ?? {}).map(([field]) => field as keyof V);
  const key = (variant: V): string =>
    `${name} ${JSON.stringify(Object.fromEntries(fields.map((field) => [field, variant[field]])))}`;
  const sizeOf = (variant: V): number => declaration.workgroupSize?.(variant) ?? 64;
  const workgroups = (values: Values<P>, variant: V): number =>
    declaration.workgroups
      ? declaration.workgroups(values, variant)
      : Math.ceil(declaration.invocations.reduce((count, field) => count * values[field], 1) / sizeOf(variant));
  const source = (variant: V): string => sourceOf(declaration, key(variant), variant, sizeOf(variant));
  return {
    name,
    bindings,
    params,
    key,
    source,
    sources: (subgroups) => (declaration.variants ? variants(subgroups).map(source) : [source({} as V)]),
    workgroups,
    work: (values, variant) =>
      declaration.work?.(values, variant) ?? workOfInvocation * sizeOf(variant) * workgroups(values, variant),
  };
}

function sourceOf<B extends Bindings, P extends Params, V>(
  declaration: KernelDeclaration<B, P, V>,
  key: string,
  variant: V,
  workgroupSize: number,
): string {
  const { bindings, params, invocations, declarations, body } = declaration;
  const subgroups = declaration.usesSubgroups?.(variant) ?? false;
  return [
    `// ${key}`,
    ...(subgroups ? ['enable subgroups;'] : []),
    'struct Params {',
    '  firstGroup: u32,',
    ...Object.entries(params).map(([field, type]) => `  ${field}: ${type},`),
    '}',
    '@group(0) @binding(0) var<uniform> params: Params;',
    ...Object.entries(bindings).map(
      ([field, { access, of, shape }], index) =>
        `@group(0) @binding(${index + 1}) var<storage, ${access}> ${field}: array<${of}>; // ${shape}`,
    ),
    `const workgroupSize = ${workgroupSize}u;`,
    ...(declarations ? [declarations(variant).trim()] : []),
    '@compute @workgroup_size(workgroupSize)',
    'fn main(',
    '  @builtin(workgroup_id) groupId: vec3u,',
    '  @builtin(num_workgroups) groupCount: vec3u,',
    '  @builtin(local_invocation_index) lane: u32,',
    ...(subgroups ? ['  @builtin(subgroup_invocation_id) subgroupLane: u32,'] : []),
    ') {',
    // The host runs workgroups firstGroup, firstGroup + 1, …, all or a range of them, folded into two dimensions where they are many.
    '  let group = params.firstGroup + groupId.y * groupCount.x + groupId.x;',
    ...(invocations
      ? [
          '  let index = group * workgroupSize + lane;',
          `  if (index >= ${invocations.map((field) => `params.${field}`).join(' * ')}) { return; }`,
        ]
      : []),
    body(variant),
    '}',
    '',
  ].join('\n');
}

/**
 * Uniform bytes of one dispatch, all fields of 4 bytes, padded to 16: the first workgroup (0 here; the recorder writes that of a
 * range), then the fields in the order of the declaration.
 */
export function packParams(
  kernel: { readonly name: string; readonly params: Params },
  values: Readonly<Record<string, unknown>>,
): Uint32Array<ArrayBuffer> {
  const fields = Object.entries(kernel.params);
  const words = new Uint32Array(Math.ceil((1 + fields.length) / 4) * 4);
  const floats = new Float32Array(words.buffer);
  fields.forEach(([field, type], index) => {
    const value = values[field];
    const fits =
      typeof value === 'number' &&
      (type === 'f32' ? Number.isFinite(value) : Number.isInteger(value) && value >= 0 && value < 2 ** 32);
    if (!fits) throw new Error(`${kernel.name}: parameter ${field} is ${String(value)}, expected a ${type}.`);
    if (type === 'f32') floats[1 + index] = value;
    else words[1 + index] = value;
  });
  return words;
}
