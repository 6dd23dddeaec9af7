// Names under which results are written before a rename makes them appear, `.NAME-PID`, and what is left of processes that have ended before
// that. An earlier result that had stepped aside is `.NAME-PID-earlier`.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemError } from './system-error.js';

/** A sibling of this process, so that the rename stays on one file system. */
export const temporary = (path: string): string => join(dirname(path), `.${basename(path)}-${process.pid}`);

/** A process of another machine may write to the same folder: its number says nothing here. Its files are younger. */
const minAgeMilliseconds = 600_000;

/** Removes what processes that are no more have left beside the path; an earlier result goes back to its place where that is empty. */
export function removeLeftovers(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return;
  const prefix = `.${basename(path)}-`;
  for (const name of readdirSync(folder)) {
    const left = name.startsWith(prefix) ? /^(\d+)(-earlier)?$/.exec(name.slice(prefix.length)) : null;
    const place = join(folder, name);
    if (!left || isAlive(Number(left[1])) || !isOld(place)) continue;
    if (left[2] !== undefined && !existsSync(path)) renameSync(place, path);
    else rmSync(place, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is somebody else's.
    return systemError(error).code !== 'ESRCH';
  }
}

const isOld = (path: string): boolean =>
  Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > minAgeMilliseconds;
