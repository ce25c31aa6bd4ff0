import { formatLocalTime } from "../lib/local_time.ts";

/** What a log record tells. */
export interface LogMessage {
  readonly message: string;
  /** The name of the logger. */
  readonly logger: string;
  /** Unix seconds. */
  readonly time: number;
  /** Seconds since the start. */
  readonly elapsed: number;
}

const SOURCE = "resmon";
const INFO = 20;

/** The fields of a Python LogRecord as its `HTTPHandler` posts them, see the Python library's `logging`; None as its `None`. */
export function logRecord({ message, logger, time, elapsed }: LogMessage): Record<string, string> {
  const milliseconds = Math.floor(time * 1000) % 1000;
  return {
    name: logger,
    msg: message,
    args: "()",
    levelname: "INFO",
    levelno: `${INFO}`,
    pathname: SOURCE,
    filename: SOURCE,
    module: SOURCE,
    exc_info: "None",
    exc_text: "None",
    stack_info: "None",
    lineno: "0",
    funcName: SOURCE,
    created: `${time}`,
    msecs: milliseconds.toFixed(1),
    relativeCreated: (elapsed * 1000).toFixed(3),
    thread: `${Deno.pid}`,
    threadName: "MainThread",
    processName: SOURCE,
    process: `${Deno.pid}`,
    message,
    asctime: `${formatLocalTime(time)},${`${milliseconds}`.padStart(3, "0")}`,
  };
}
