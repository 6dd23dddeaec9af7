// The page's entry: the shell, and nothing else before the first view.
import { startShell } from './shell/shell.js';

startShell();
