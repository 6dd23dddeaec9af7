// A kernel is data: a name, its bindings, its per-dispatch parameters, its compile-time variant, and the WGSL of its body.
// The WGSL declarations are generated from the same object that types the host call (src/backend/webgpu/pipelines.ts),
// so neither order, name, access nor type can drift between the two. Nothing here touches a device.
import { wgsl as preprocess } from 'wgsl-preprocessor/wgsl-preprocessor.js';

export interface Binding {
  readonly access: 'read' | 'read_write';
  readonly of: 'f32' | 'u32';
  /** Shape and storage order, for the reader and for the generated comment. */
  readonly shape: string;
}

export type ParamType = 'u32' | 'f32';
type Bindings = Readonly<Record<string, Binding>>;
type Params = Readonly<Record<string, ParamType>>;

export interface KernelDeclaration<B extends Bindings, P extends Params, V> {
  readonly name: string;
  readonly bindings: B;
  readonly params: P;
  /** Invocations of a workgroup. */
  readonly workgroupSize: (variant: V) => number;
  /** Whether this variant needs the WebGPU feature `subgroups`. */
  readonly usesSubgroups?: (variant: V) => boolean;
  /** WGSL of helpers and of the entry point `main`; may use every binding, `params` and `workgroupSize` by name. */
  readonly body: (variant: V) => string;
}

export interface Kernel<B extends Bindings = Bindings, P extends Params = Params, V = never> {
  readonly name: string;
  readonly bindings: B;
  readonly params: P;
  readonly workgroupSize: (variant: V) => number;
  readonly usesSubgroups: (variant: V) => boolean;
  /** The whole WGSL module of one variant. */
  readonly source: (variant: V) => string;
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

export function defineKernel<const B extends Bindings, const P extends Params, V>(
  declaration: KernelDeclaration<B, P, V>,
): Kernel<B, P, V> {
  const { name, bindings, params, workgroupSize, body } = declaration;
  const usesSubgroups = declaration.usesSubgroups ?? (() => false);
  const source = (variant: V): string =>
    [
      `// ${name} ${JSON.stringify(variant)}`,
      ...(usesSubgroups(variant) ? ['enable subgroups;'] : []),
      'struct Params {',
      '  firstGroup: u32,',
      ...Object.entries(params).map(([field, type]) => `  ${field}: ${type},`),
      '}',
      '@group(0) @binding(0) var<uniform> params: Params;',
      ...Object.entries(bindings).map(
        ([field, { access, of, shape }], index) =>
          `@group(0) @binding(${index + 1}) var<storage, ${access}> ${field}: array<${of}>; // ${shape}`,
      ),
      `const workgroupSize = ${workgroupSize(variant)}u;`,
      groupIndex,
      body(variant).trim(),
      '',
    ].join('\n');
  return { name, bindings, params, workgroupSize, usesSubgroups, source };
}

// The host runs workgroups firstGroup, firstGroup + 1, … of a dispatch, all or a range of them, a long row of them folded into
// two dimensions; this unfolds it.
const groupIndex =
  'fn groupIndex(id: vec3u, count: vec3u) -> u32 { return params.firstGroup + id.y * count.x + id.x; }';

/**
 * Uniform bytes of one dispatch, all fields of 4 bytes, padded to 16: the first workgroup (0 here; the recorder writes that of a
 * range), then the fields in the order of the declaration.
 */
export function packParams(
  kernel: { readonly name: string; readonly params: Params },
  values: Readonly<Record<string, number>>,
): Uint32Array<ArrayBuffer> {
  const fields = Object.entries(kernel.params);
  const words = new Uint32Array(Math.ceil((1 + fields.length) / 4) * 4);
  const floats = new Float32Array(words.buffer);
  fields.forEach(([field, type], index) => {
    const value = values[field];
    const fits =
      type === 'f32'
        ? Number.isFinite(value)
        : Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
    if (value === undefined || !fits) {
      throw new Error(`${kernel.name}: parameter ${field} is ${value}, expected a ${type}.`);
    }
    if (type === 'f32') floats[1 + index] = value;
    else words[1 + index] = value;
  });
  return words;
}
