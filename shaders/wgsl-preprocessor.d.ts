// wgsl-preprocessor 1.0.1 ships no types. The holes take what prints as WGSL, so an object or `undefined` does not compile.
declare module 'wgsl-preprocessor/wgsl-preprocessor.js' {
  export function wgsl(strings: TemplateStringsArray, ...values: (string | number | boolean)[]): string;
}
