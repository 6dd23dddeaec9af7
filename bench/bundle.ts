// Bundles the benchmark by Vite: for the page in memory, for Node as the one file dist/bench.mjs.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Node 20 has no `using`; production is what users and peers run. */
const common = {
  root,
  configFile: false,
  publicDir: false,
  mode: 'production',
  logLevel: 'error',
  oxc: { target: 'es2022' },
} as const;

/** Path → text of every file of the page; it starts with /page.js. */
export async function bundlePage(): Promise<Map<string, string>> {
  const result = await build({
    ...common,
    build: {
      target: 'es2022',
      minify: false,
      write: false,
      modulePreload: false,
      chunkSizeWarningLimit: Infinity,
      rolldownOptions: { input: join(root, 'bench/page.ts'), output: { entryFileNames: 'page.js' } },
    },
  });
  const outputs = Array.isArray(result) ? result : 'output' in result ? [result] : [];
  return new Map(
    outputs.flatMap(({ output }) =>
      output.map((file): [string, string] => [
        `/${file.fileName}`,
        file.type === 'chunk' ? file.code : String(file.source),
      ]),
    ),
  );
}

/** Writes dist/bench.mjs and returns its path. */
export async function bundleNode(): Promise<string> {
  const file = 'bench.mjs';
  await build({
    ...common,
    define: { benchBuild: JSON.stringify({ commit: commit(), versions: versionsOf(['webgpu']) }) },
    build: {
      target: 'es2022',
      minify: false,
      emptyOutDir: false,
      ssr: true,
      rolldownOptions: {
        input: join(root, 'bench/node.ts'),
        external: (id) => id === 'webgpu' || isBuiltin(id),
        output: { entryFileNames: file, codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  });
  return join(root, 'dist', file);
}

/** Of polyadic and some packages it is measured with. */
export function versionsOf(packages: readonly string[]): Record<string, string> {
  const version = (manifest: string): string =>
    existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : 'missing';
  return Object.fromEntries([
    ['polyadic', version(join(root, 'package.json'))],
    ...packages.map((name) => [name, version(join(root, 'node_modules', name, 'package.json'))]),
  ]) as Record<string, string>;
}

/** Short hash; with a + when files were changed since. */
export function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    const dirty = git('status', '--porcelain', '--untracked-files=no', 'src', 'shaders', 'bench') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${dirty ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
