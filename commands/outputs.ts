import type { FrameSink, RecordSink } from "../lib/contracts.ts";
import { escapeTerminal } from "../lib/escape.ts";
import { CsvSink } from "../sinks/csv.ts";
import { HtmlSink } from "../sinks/html.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { SummaryJsonSink } from "../sinks/summary_json.ts";
import { stderrTerminal, type Terminal, TerminalSink } from "../sinks/terminal.ts";

/** Which outputs a recording has. */
export interface OutputsOptions {
  readonly folder: string;
  readonly report: boolean;
  readonly quiet: boolean;
  /** Seconds between two fdatasync(2) of the log; undefined: the system decides. */
  readonly syncSeconds: number | undefined;
}

/** The sinks of a recording, and the way to tell the user something. */
export interface Outputs {
  readonly recordSinks: readonly RecordSink[];
  readonly frameSinks: readonly FrameSink[];
  /** Takes a sentence for the user; it is told at the end, since the terminal belongs to the command until then. */
  readonly notice: (text: string) => void;
  /** Tells what there is to tell. */
  readonly flushNotices: () => void;
}
