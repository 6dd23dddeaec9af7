// The package as its users get it: what was built is packed by npm, and the tarball is put into an empty project outside the
// checkout, so that it finds no dependency by accident.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../support/project-files.js';

export interface Installed {
  /** A project that has the package, and nothing else, in node_modules. */
  readonly project: string;
  /** node_modules/polyadic there. */
  readonly folder: string;
  /** Size of the tarball in bytes. */
  readonly packed: number;
  /** Writes a file of the project; the path of it. */
  readonly write: (name: string, text: string) => string;
  readonly remove: () => void;
}

const npm = (folder: string, args: readonly string[]): string =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32', stdio: 'pipe' });

/** `dist`: what the build of Vite wrote; declarations are added here where the tests need them. */
export function installPackage(dist: string, { types }: { readonly types: boolean }): Installed {
  const project = mkdtempSync(join(tmpdir(), 'polyadic-package-'));
  const source = join(project, 'source');
  cpSync(dist, join(source, 'dist'), { recursive: true });
  cpSync(join(root, 'docs'), join(source, 'docs'), { recursive: true });
  for (const file of ['package.json', 'README.md', 'LICENSE']) copyFileSync(join(root, file), join(source, file));
  const declarations = [join(root, 'src', 'node', 'declarations.mjs'), join(source, 'dist')];
  if (types) execFileSync(process.execPath, declarations, { cwd: root, stdio: 'pipe' });
  npm(source, ['pack', '--ignore-scripts', '--silent', '--pack-destination', project]);
  const tarball = join(project, 'polyadic-0.1.0.tgz');
  const folder = join(project, 'node_modules', 'polyadic');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components', '1', '-C', folder]);
  rmSync(source, { recursive: true });
  const write = (name: string, text: string): string => {
    const file = join(project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  return {
    project,
    folder,
    packed: statSync(tarball).size,
    write,
    remove: () => rmSync(project, { recursive: true, force: true }),
  };
}
