// Writes the type declarations of the library to OUT/types, the second half of `npm run build`:
// `node src/node/declarations.mjs [OUT]`, OUT = dist. tsconfig.json covers tests and demo too; this takes its options
// and starts from the public entries alone, and writes what can be reached from their declarations.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = process.argv[2] ?? join(root, 'dist');

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const entries = [
  'src/index.ts',
  'src/io/index.ts',
  'src/problems/index.ts',
  'src/worker/index.ts',
  'src/worker/script.ts',
].map((entry) => join(root, entry));
const ambient = fileNames.filter((file) => file.endsWith('.d.ts'));
const program = ts.createProgram([...entries, ...ambient], {
  ...options,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  rootDir: root,
  outDir: join(out, 'types'),
});

/** @type {Map<string, string>} */
const declarations = new Map();
const emitted = program.emit(undefined, (file, text) => declarations.set(file, text));
for (const entry of entries) writeReached(join(out, 'types', entry.slice(root.length).replace(/\.ts$/, '.d.ts')));

const diagnostics = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
process.stderr.write(
  ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (path) => path,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  }),
);
process.exitCode = diagnostics.length > 0 ? 1 : 0;

/**
 * Writes a declaration file and all that it imports, once.
 * @param {string} file
 */
function writeReached(file) {
  const text = declarations.get(file);
  if (text === undefined) return;
  declarations.delete(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    writeReached(resolve(dirname(file), fileName.replace(/\.js$/, '.d.ts')));
  }
}
