/** The error numbers of errno(3) that reading a machine or starting a command can meet, with their usual texts. */
const ERRNO: Readonly<Record<number, { readonly code: string; readonly text: string }>> = {
  1: { code: "EPERM", text: "operation not permitted" },
  2: { code: "ENOENT", text: "no such file or directory" },
  3: { code: "ESRCH", text: "no such process" },
  4: { code: "EINTR", text: "interrupted system call" },
  5: { code: "EIO", text: "input/output error" },
  6: { code: "ENXIO", text: "no such device or address" },
  7: { code: "E2BIG", text: "argument list too long" },
  8: { code: "ENOEXEC", text: "not an executable format" },
  9: { code: "EBADF", text: "bad file descriptor" },
  10: { code: "ECHILD", text: "no child processes" },
  11: { code: "EAGAIN", text: "resource temporarily unavailable" },
  12: { code: "ENOMEM", text: "cannot allocate memory" },
  13: { code: "EACCES", text: "permission denied" },
  16: { code: "EBUSY", text: "device or resource busy" },
  19: { code: "ENODEV", text: "no such device" },
  20: { code: "ENOTDIR", text: "not a directory" },
  21: { code: "EISDIR", text: "is a directory" },
  22: { code: "EINVAL", text: "invalid argument" },
  23: { code: "ENFILE", text: "too many open files in system" },
  24: { code: "EMFILE", text: "too many open files" },
  26: { code: "ETXTBSY", text: "text file busy" },
  28: { code: "ENOSPC", text: "no space left on device" },
  30: { code: "EROFS", text: "read-only file system" },
  32: { code: "EPIPE", text: "broken pipe" },
  36: { code: "ENAMETOOLONG", text: "file name too long" },
  40: { code: "ELOOP", text: "too many levels of symbolic links" },
  61: { code: "ENODATA", text: "no data available" },
  95: { code: "EOPNOTSUPP", text: "operation not supported" },
  110: { code: "ETIMEDOUT", text: "connection timed out" },
  116: { code: "ESTALE", text: "stale file handle" },
};

/** Names an error number of Linux: `{code: "ENOENT", text: "no such file or directory"}`. */
export function errnoCode(errno: number): { readonly code: string; readonly text: string } {
  return ERRNO[errno] ?? { code: `errno ${errno}`, text: "system call failed" };
}

/** The number of an error symbol; throws RangeError for one that is not in the table. */
export function errnoNumber(code: string): number {
  const entry = Object.entries(ERRNO).find(([, value]) => value.code === code);
  if (entry === undefined) throw new RangeError(`Cannot find errno of ${JSON.stringify(code)}`);
  return parseInt(entry[0], 10);
}
