// Enough to find the place, few enough to stay readable.
const FRAMES = 3;

/**
 * Hands over every error that nobody caught, in a timer, a listener or a promise, and lets resmon go on: it still has to wait
 * for the command and to pass its status on.
 */
export function surviveOwnErrors(onError: (error: unknown) => void): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    onError(event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onError(event.reason);
  });
}

/** Tells an unexpected error in one line, with the place where it happened. */
export function describeOwnError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [message = String(error), ...frames] = (error.stack ?? String(error)).split("\n    at ");
  return [message, ...frames.slice(0, FRAMES)].join(", at ");
}

/** Says to the user that an unexpected error has left a gap in the recording. */
export function ownErrorNotice(error: unknown): string {
  return `The recording is incomplete, by an error of resmon's own: ${describeOwnError(error)}`;
}
