// Compiles the kernels in src/linalg/wasm and embeds the bytes in modules beside them: `npm run wasm`, after a change of the kernels.
// A test compiles once more and compares.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = 'src/linalg/wasm';

/** Kernels → the module that holds their bytes. */
export const modules = { 'kernels.ts': 'module.ts', 'row-kernels.ts': 'row-module.ts' };

/**
 * The text of the module of these kernels.
 * @param {string} kernels
 */
export function compiledModule(kernels) {
  const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
  const flags = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert'];
  // Without a file for its output the compiler writes the module to stdout.
  const bytes = execFileSync(process.execPath, [compiler, `${folder}/${kernels}`, ...flags, '--outFile'], {
    cwd: root,
  });
  return [
    `// Generated from ${kernels} by \`npm run wasm\`. Do not edit.`,
    '',
    '/** The WebAssembly module, base64. */',
    'export const wasmBase64 =',
    `  '${bytes.toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [kernels, module] of Object.entries(modules))
    writeFileSync(join(root, folder, module), compiledModule(kernels));
}
