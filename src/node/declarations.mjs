// Writes the type declarations of the library to OUT/types, the second half of `npm run build`:
// `node src/node/declarations.mjs [OUT]`, OUT = dist. tsconfig.json covers tests and demo too; this takes its options
// and starts from the public entries alone, and writes what can be reached from their exports: other declarations stay out. What is
// reached lies in one file, OUT/types/src/declarations.d.ts: in a file per source it would take a seventh more by gzip.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
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
/** @type {Map<string, { source: ts.SourceFile, statements: Map<string, Set<ts.Statement>>, kept: Set<ts.Node> }>} */
const opened = new Map();
const emitted = program.emit(undefined, (file, text) => declarations.set(file, text));
const entryFiles = entries.map((entry) => join(out, 'types', entry.slice(root.length).replace(/\.ts$/, '.d.ts')));
const sharedFile = join(out, 'types/src/declarations.d.ts');
for (const file of entryFiles) keepExport(file, undefined);
const shared = [...opened.keys()].filter((file) => !entryFiles.includes(file));
requireDifferentNames(shared);
for (const file of entryFiles) write(file, [file]);
write(sharedFile, shared);

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
 * A file, its statements by the names they declare or import, and what is kept of it.
 * @param {string} file
 */
function open(file) {
  const known = opened.get(file);
  if (known) return known;
  const source = ts.createSourceFile(file, declarations.get(file) ?? '', ts.ScriptTarget.Latest, true);
  /** @type {Map<string, Set<ts.Statement>>} */
  const statements = new Map();
  for (const statement of source.statements) {
    for (const name of namesOf(statement)) statements.set(name, (statements.get(name) ?? new Set()).add(statement));
  }
  /** @type {Set<ts.Node>} */
  const kept = new Set();
  const made = { source, statements, kept };
  opened.set(file, made);
  return made;
}

/**
 * The names that a statement declares, imports or exports.
 * @param {ts.Statement} statement
 * @returns {string[]}
 */
function namesOf(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isImportDeclaration(statement)) {
    const named = statement.importClause?.namedBindings;
    return named && ts.isNamedImports(named) ? named.elements.map(({ name }) => name.text) : [];
  }
  if (ts.isExportDeclaration(statement)) {
    const named = statement.exportClause;
    return named && ts.isNamedExports(named) ? named.elements.map(({ name }) => name.text) : [];
  }
  return 'name' in statement && statement.name ? [/** @type {ts.Identifier} */ (statement.name).text] : [];
}

/**
 * Keeps an export of a file and all that its declaration names; undefined: every export.
 * @param {string} file
 * @param {string | undefined} name
 */
function keepExport(file, name) {
  const { statements } = open(file);
  for (const [one, all] of statements) {
    if (name !== undefined && one !== name) continue;
    for (const statement of all) keep(file, statement, one);
  }
}

/**
 * @param {string} file
 * @param {ts.Statement} statement
 * @param {string} name which is asked for of it
 */
function keep(file, statement, name) {
  const { statements, kept } = open(file);
  if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
    const named = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
    const elements = named && (ts.isNamedImports(named) || ts.isNamedExports(named)) ? named.elements : [];
    for (const element of elements) {
      if (element.name.text !== name || kept.has(element)) continue;
      kept.add(statement).add(element);
      const path = /** @type {ts.StringLiteral | undefined} */ (statement.moduleSpecifier)?.text;
      if (path?.startsWith('.')) keepExport(declarationFile(file, path), (element.propertyName ?? element.name).text);
    }
    return;
  }
  if (kept.has(statement)) return;
  kept.add(statement);
  /** @param {ts.Node} node */
  const visit = (node) => {
    // The name of a member or a parameter is no use of a declaration that is called the same.
    const isUse = ts.isIdentifier(node) && /** @type {ts.NamedDeclaration} */ (node.parent).name !== node;
    if (isUse) for (const used of statements.get(node.text) ?? []) keep(file, used, node.text);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const path = /** @type {ts.StringLiteral} */ (node.argument.literal).text;
      if (path.startsWith('.')) keepExport(declarationFile(file, path), node.qualifier?.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(statement);
}

/**
 * @param {string} from
 * @param {string} path
 */
function declarationFile(from, path) {
  return resolve(dirname(from), path.replace(/\.js$/, '.d.ts'));
}

/**
 * Declarations of one name in several files would be one in the shared file.
 * @param {string[]} files
 */
function requireDifferentNames(files) {
  /** @type {Map<string, string>} */
  const places = new Map();
  for (const file of files) {
    const { statements, kept } = open(file);
    for (const [name, all] of statements) {
      const isDeclared = [...all].some(
        (one) => kept.has(one) && !ts.isImportDeclaration(one) && !ts.isExportDeclaration(one),
      );
      if (isDeclared && places.has(name))
        throw new Error(
          `declarations: expected different names, got ${name} in ${places.get(name)} and ${file}. Rename one.`,
        );
      if (isDeclared) places.set(name, file);
    }
  }
}

/**
 * Writes what is kept of some files to one.
 * @param {string} file
 * @param {string[]} sources
 */
function write(file, sources) {
  const parts = sources.flatMap((source) => keptParts(file, open(source)));
  const references = new Set(
    sources.flatMap((source) => declarations.get(source)?.match(/^\/\/\/ <reference.*$/gm) ?? []),
  );
  // The help texts of options are literal types, which nobody needs.
  const body = parts.join('\n').replace(/\b(help|usually): "(?:[^"\\]|\\.)*"/g, '$1: string');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, [...references, body, 'export {};', ''].join('\n'));
}

/**
 * What is kept of a source file, as it was written; imports from other files, where they are needed, are from the shared one.
 * @param {string} file where it is written to
 * @param {{ source: ts.SourceFile, kept: Set<ts.Node> }} opened
 */
function keptParts(file, { source, kept }) {
  const path = relative(dirname(file), sharedFile)
    .replace(/^(?!\.)/, './')
    .replace(/\.d\.ts$/, '.js');
  return source.statements.flatMap((statement) => {
    if (!kept.has(statement)) return [];
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) {
      const text = statement.getFullText().replace(/^\/\/\/ <reference.*$/gm, '');
      return [text.replace(/\bimport\("\.[^"]*"\)\./g, '').trim()];
    }
    if (file === sharedFile) return [];
    const named = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
    const all = named && (ts.isNamedImports(named) || ts.isNamedExports(named)) ? named.elements : [];
    const elements = all.filter((element) => kept.has(element)).map((element) => element.getText());
    const head = named ? source.text.slice(statement.getStart(), named.getStart()) : '';
    return [`${head}{ ${elements.join(', ')} } from '${path}';`];
  });
}
