// Writes the type declarations of the library to OUT/types, the second half of `npm run build`:
// `node src/node/declarations.mjs [OUT]`, OUT = dist. tsconfig.json covers tests and demo too; this takes its options
// and starts from the public entries alone.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = process.argv[2] ?? join(root, 'dist');

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const entries = ['src/index.ts', 'src/io/index.ts', 'src/problems/index.ts'].map((entry) => join(root, entry));
const ambient = fileNames.filter((file) => file.endsWith('.d.ts'));
const program = ts.createProgram([...entries, ...ambient], {
  ...options,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  rootDir: root,
  outDir: join(out, 'types'),
});

const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
process.stderr.write(
  ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (path) => path,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  }),
);
process.exitCode = diagnostics.length > 0 ? 1 : 0;
