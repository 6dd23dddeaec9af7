// The folder that relative paths on the command line start from: the one the caller is in. npm runs a script in the folder
// of package.json and leaves the caller's in INIT_CWD, so `npm run polyadic` in the checkout has to go back there. A script
// of another package that calls polyadic keeps npm's folder: there paths are written relative to that package.json.
import { existsSync, readFileSync } from 'node:fs';

interface Caller {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The caller's folder, given the process's own and its environment. */
export function callersFolder({ folder, env }: Caller): string {
  const { INIT_CWD: called, npm_lifecycle_event: script, npm_package_json: manifest } = env;
  const ours = script === 'polyadic' && manifest !== undefined && nameIn(manifest) === 'polyadic';
  return ours && called !== undefined && existsSync(called) ? called : folder;
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
