#!/usr/bin/env node
// The command line as a process: its folder, its exit code, and the end of whoever reads what it prints.
import { runCommandLine } from './command-line.js';
import { callersFolder } from './working-folder.js';

// Whoever reads us may have seen enough: `polyadic … | head -1` ends quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(
    `polyadic: expected output that can be written, got ${error.message}. Free some space, or write elsewhere.\n`,
  );
  process.exit(1);
});
// Nobody can be told.
process.stderr.on('error', () => process.exit(1));

process.chdir(callersFolder({ folder: process.cwd(), env: process.env }));
process.exitCode = await runCommandLine(process.argv.slice(2));
