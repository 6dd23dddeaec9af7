// Who may import whom. A row names a folder (or one file) and what it may import besides itself and `everywhere`;
// `types` may be imported as types only. Algorithms see the backend's contract and never a device, the CPU reference
// never sees a shader, and nothing of the library needs Node. A new folder needs a row.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { projectFiles, root } from './support/project-files.js';

interface Rule {
  imports: readonly string[];
  types?: readonly string[];
}

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const everywhere = ['src/errors', 'src/dispose', 'src/names', 'src/yield', 'src/linalg/dot', 'src/tensor/shape'];
const plain = ['src/tensor', 'src/linalg', 'src/random'];
const definitions = ['src/targets', 'src/losses'];
const contract = 'src/backend/backend';
const host = 'src/backend/host';
const operations = 'src/backend/operations';
const library = [
  ...plain,
  ...definitions,
  contract,
  'src/least-squares',
  'src/integrators',
  'src/optimizers',
  'src/compaction',
  'src/compression',
  'src/rank-choice',
  'src/variational',
  'src/analysis',
  'src/finish',
  'src/handles',
  'src/handles/views',
  'src/result',
];
const publicApi = ['src', 'src/io', 'src/problems'];

const rules: Record<string, Rule> = {
  'src/errors': { imports: [] },
  'src/dispose': { imports: [] },
  'src/yield': { imports: [] },
  'src/names': { imports: ['src/errors'] },
  'src/tensor': { imports: plain },
  'src/linalg': { imports: plain },
  // Two one-line helpers without imports, the inner product and the size of a shape: so that nobody writes a second one.
  'src/linalg/dot': { imports: [] },
  'src/tensor/shape': { imports: [] },
  'src/random': { imports: plain },
  'src/least-squares': { imports: plain },
  'src/targets': { imports: plain },
  'src/losses': { imports: plain },
  [contract]: { imports: [], types: [operations, ...plain, ...definitions] },
  // What is known of the CPU before the code of its backend is loaded.
  [host]: { imports: [], types: [contract] },
  [operations]: { imports: ['shaders'], types: [contract, ...definitions] },
  'src/backend/open': { imports: [contract, 'src/backend/cpu', 'src/backend/webgpu'] },
  'src/backend/cpu': { imports: [...plain, 'src/losses', host], types: [contract, operations, ...definitions] },
  'src/backend/webgpu': {
    imports: ['shaders', operations, 'src/losses', 'src/tensor'],
    types: [contract, operations, ...definitions],
  },
  // The WGSL text of a loss stands in its record, beside the formula in TypeScript.
  shaders: { imports: ['src/losses'], types: ['src/targets'] },
  // Update rules of a descent on the backend, and methods for y′ = f(y) on plain numbers.
  'src/optimizers': { imports: [], types: [contract] },
  'src/integrators': { imports: [] },
  'src/compaction': {
    imports: [...plain, 'src/least-squares', 'src/analysis', 'src/handles/views', 'src/losses', 'src/targets'],
    types: [contract, 'src/handles'],
  },
  'src/compression': { imports: plain, types: [contract] },
  'src/variational': {
    imports: [...plain, 'src/analysis', 'src/compaction', 'src/handles/views', 'src/losses'],
    types: ['src/targets'],
  },
  'src/rank-choice': {
    imports: [
      ...plain,
      'src/analysis',
      'src/compaction',
      'src/compression',
      'src/least-squares',
      'src/handles/views',
      'src/targets',
      'src/variational',
    ],
    types: [contract],
  },
  'src/finish': {
    imports: [...plain, 'src/analysis', 'src/compaction', 'src/losses', 'src/targets'],
    types: ['src/handles', 'src/handles/views', 'src/result'],
  },
  'src/handles/views': { imports: [...plain, 'src/analysis', 'src/compaction', 'src/targets'], types: ['src/handles'] },
  'src/handles': {
    imports: [...plain, 'src/analysis', 'src/compaction', 'src/finish', 'src/handles/views', 'src/targets'],
    types: ['src/losses', 'src/result'],
  },
  'src/analysis': { imports: [...plain, ...definitions], types: [contract] },
  'src/algorithms': { imports: [...library, 'src/families'], types: ['src'] },
  // Loaded on demand, family by family.
  'src/families': { imports: ['src/handles', 'src/algorithms'], types: ['src/targets'] },
  'src/result': { imports: [], types: library },
  // The finish in float64 is always the CPU's, whatever backend discovered the components.
  src: {
    imports: [...library, 'src/algorithms', 'src/families', host, 'src/backend/open', 'src/self-test', 'src/threads'],
  },
  // Loaded on demand.
  'src/self-test': { imports: [...library, 'src/algorithms', operations, 'src/backend/open'], types: ['shaders'] },
  'src/io': { imports: ['src/tensor', 'src/targets'], types: ['src/result'] },
  'src/problems': { imports: [...plain, 'src/targets', 'src/analysis'] },
  // A page's side and a worker's side of decompose().
  'src/worker': { imports: ['src', 'src/targets', 'src/threads'], types: ['src/result'] },
  // Parts of a run in worker threads: what asks for them, and what a thread does.
  'src/threads': {
    imports: ['src', 'src/algorithms', 'src/backend/open', 'src/families', 'src/worker'],
    types: ['src/handles', 'src/result', 'src/targets'],
  },
  // Of the algorithms, the ranges of their options in words; of the worker, its script.
  'src/node': { imports: [...publicApi, 'src/algorithms', 'src/worker'] },
  'src/cli': { imports: [...publicApi, 'src/node'] },
  demo: { imports: [...publicApi, 'src/node'] },
  bench: {
    imports: [
      ...publicApi,
      'src/node',
      'src/algorithms',
      'src/backend',
      'src/backend/open',
      'src/backend/cpu',
      'src/backend/webgpu',
      'shaders',
      // The picture of the page.
      'demo',
      ...library,
    ],
  },
};

/** The packages a folder of the library may name; everything else there is our own code. */
const packages: Record<string, readonly string[]> = {
  shaders: ['wgsl-preprocessor/wgsl-preprocessor.js'],
  'src/backend/webgpu': ['webgpu'],
  'src/io': ['fflate'],
};
const mayUseNode = ['src/node', 'src/cli', 'demo', 'bench'];

const files = projectFiles(['src', 'shaders', 'demo', 'bench'], /\.m?[jt]s$/);
const imports = files.flatMap((file) => importsOf(file));

test('every folder has a row, and every row a folder or file', () => {
  expect(files.filter((file) => !unitOf(file))).toEqual([]);
  expect(Object.keys(rules).filter((row) => !files.some((file) => unitOf(file) === row))).toEqual([]);
});

test('imports follow the table', () => {
  const broken = imports.filter(({ to }) => isOurs(to)).filter((found) => !isAllowed(found));
  expect(broken.map(describeBroken)).toEqual([]);
});

// An import of types counts too: who reads one of the files has to read the others.
test('no file imports itself by way of others', () => {
  const targets = new Map(files.map((file) => [file, filesImportedBy(file)]));
  expect(circlesIn(targets)).toEqual([]);
  expect(circlesIn(new Map(Object.entries({ a: ['b', 'd'], b: ['c'], c: ['a'], d: ['c', 'e'], e: [] })))).toEqual([
    'a b c d',
  ]);
});

test('the library imports no package but those listed, and no Node module', () => {
  const library = imports.filter(({ from, to }) => !mayUseNode.includes(unitOf(from) ?? '') && !isOurs(to));
  const broken = library.filter(({ from, to }) => !packages[unitOf(from) ?? '']?.includes(to));
  expect(broken.map(describeBroken)).toEqual([]);
});

test('the bootstrap runs before anything is installed: Node modules and its own files only', () => {
  const bootstrap = imports.filter(({ from }) =>
    /^src\/node\/(bootstrap|browser|command|install|vulkan)\.mjs$/.test(from),
  );
  expect(bootstrap.length).toBeGreaterThan(0);
  const broken = bootstrap.filter(({ to }) => !to.startsWith('node:') && !/^src\/node\/\w+\.mjs$/.test(to));
  expect(broken.map(describeBroken)).toEqual([]);
});

test('the rules are alive: they see the imports and reject wrong ones', () => {
  expect(imports.length).toBeGreaterThan(20);
  const verdict = (from: string, to: string, typeOnly = false) => isAllowed({ from, to, typeOnly });
  expect(verdict('src/backend/cpu/dense.ts', 'src/backend/webgpu/dense.ts', true)).toBe(false);
  expect(verdict('src/backend/webgpu/dense.ts', 'src/backend/cpu/dense.ts')).toBe(false);
  expect(verdict('src/algorithms/als.ts', 'src/backend/webgpu/device.ts')).toBe(false);
  expect(verdict('shaders/gram.wgsl.ts', 'src/targets/observed.ts')).toBe(false);
  expect(verdict('shaders/gram.wgsl.ts', 'src/targets/observed.ts', true)).toBe(true);
  expect(verdict('src/decompose.ts', 'src/algorithms/als.ts')).toBe(true);
});

function describeBroken({ from, to, typeOnly }: Import): string {
  return `${from} may not import ${to}${typeOnly ? ', not even as a type' : ''} (see the table in this test)`;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const source = unitOf(from);
  const goal = unitOf(to);
  if (source === undefined || goal === undefined) return false;
  const { imports, types = [] } = rules[source] ?? { imports: [] };
  return source === goal || [...everywhere, ...imports, ...(typeOnly ? types : [])].includes(goal);
}

/** Circles of types alone: the contract and its operations, and the views of observations with what chooses one. */
const mayBeInCircles = (from: string, to: string): boolean =>
  (from === `${contract}.ts` && to.startsWith(operations)) ||
  (from === 'src/handles/views/sampled-view.ts' && /\/(observed|sensing)-view\.ts$/.test(to));

const filesImportedBy = (file: string): string[] =>
  imports
    .filter(({ from }) => from === file)
    .map(({ to }) => to.replace(/\.js$/, '.ts'))
    .filter((to) => files.includes(to) && !mayBeInCircles(file, to));

/** The groups of files that can all be reached from one another (Tarjan, SIAM J. Comput. 1, 1972), each in one line. */
function circlesIn(imported: ReadonlyMap<string, readonly string[]>): string[] {
  const indices = new Map<string, number>();
  const open: string[] = [];
  const circles: string[] = [];
  const visit = (file: string): number => {
    const index = indices.size;
    let low = index;
    indices.set(file, index);
    open.push(file);
    for (const to of imported.get(file) ?? []) {
      if (!indices.has(to)) low = Math.min(low, visit(to));
      else if (open.includes(to)) low = Math.min(low, indices.get(to) ?? low);
    }
    if (low < index) return low;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort().join(' '));
    return low;
  };
  for (const file of imported.keys()) if (!indices.has(file)) visit(file);
  return circles;
}

/** The longest row that is the file itself or a folder around it; `src` alone stands for the files directly in it. */
function unitOf(file: string): string | undefined {
  const stem = file.replace(/\.m?[jt]s$/, '');
  const rows = Object.keys(rules).filter((row) => stem === row || stem.startsWith(`${row}/`));
  const longest = rows.sort((a, b) => b.length - a.length)[0];
  return longest === 'src' && posix.dirname(file) !== 'src' ? undefined : longest;
}

function isOurs(specifier: string): boolean {
  return /^(src|shaders|demo|bench|test)\//.test(specifier);
}

/** Static and dynamic imports and re-exports, relative ones as paths from the root. */
function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    found.push({ from: file, to: text.startsWith('.') ? posix.join(posix.dirname(file), text) : text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypesOnly(node.importClause));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importsTypesOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return (
    !clause.name && names !== undefined && ts.isNamedImports(names) && names.elements.every((one) => one.isTypeOnly)
  );
}
