// What the operating system says of a file that cannot be read or written.

export interface SystemError {
  /** Such as ENOENT; undefined for errors that are not the system's. */
  readonly code: string | undefined;
  readonly message: string;
}

export function systemError(error: unknown): SystemError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { code, message: error.message };
}
