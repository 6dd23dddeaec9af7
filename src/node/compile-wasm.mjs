// Compiles src/linalg/wasm/kernels.ts and embeds the bytes in src/linalg/wasm/module.ts: `npm run wasm`, after a change of the kernels.
// A test compiles once more and compares.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const moduleFile = join(root, 'src/linalg/wasm/module.ts');

/** The text of module.ts. */
export function compiledModule() {
  const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
  const flags = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert'];
  // Without a file for its output the compiler writes the module to stdout.
  const bytes = execFileSync(process.execPath, [compiler, 'src/linalg/wasm/kernels.ts', ...flags, '--outFile'], {
    cwd: root,
  });
  return [
    '// Generated from kernels.ts by `npm run wasm`. Do not edit.',
    '',
    '/** The WebAssembly module, base64. */',
    'export const wasmBase64 =',
    `  '${bytes.toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(moduleFile, compiledModule());
