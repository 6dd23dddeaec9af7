// The functions that the public entries export, with the examples (`@example`) of their documentation, by the TypeScript compiler.
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './project-files.js';

export interface DocumentedFunction {
  readonly name: string;
  /** The code of its example; undefined where it has none. */
  readonly example: string | undefined;
}

const entries = ['src/index.ts', 'src/io/index.ts', 'src/problems/index.ts', 'src/worker/index.ts'];

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program of the entries and more files, by the options of the project. Every file is parsed once for all programs. */
export function programOf(files: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => {
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...rest));
    return parsed.get(file);
  };
  const names = [...entries.map((entry) => join(root, entry)), ...files];
  return ts.createProgram(names, { ...options, allowImportingTsExtensions: true }, host);
}

export function documentedFunctions(program: ts.Program): DocumentedFunction[] {
  const checker = program.getTypeChecker();
  const exported = entries.flatMap((entry) => {
    const source = program.getSourceFile(join(root, entry));
    const module = source && checker.getSymbolAtLocation(source);
    return module ? checker.getExportsOfModule(module) : [];
  });
  return exported.flatMap((symbol) => {
    const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const isValue = (declared.flags & ts.SymbolFlags.Value) !== 0;
    if (!isValue || checker.getTypeOfSymbol(declared).getCallSignatures().length === 0) return [];
    const tag = declared.getJsDocTags(checker).find((one) => one.name === 'example');
    const [, example] = /^```ts\n([\s\S]*)\n```$/.exec(ts.displayPartsToString(tag?.text).trim()) ?? [];
    return [{ name: symbol.name, example }];
  });
}
