/** Parsers of the files of other systems, with valid texts to damage. */

import assert from "node:assert/strict";
import { parseHeflwrLog } from "../../lib/import_heflwr.ts";
import { parsePymlUsage } from "../../lib/import_pyml.ts";
import { parseResengCsv, parseResengDump } from "../../lib/import_reseng.ts";
import { importedRecords, type ImportedRun } from "../../lib/imported_run.ts";
import { Pipeline } from "../../lib/pipeline.ts";
import { toRecord } from "../../lib/record_guards.ts";
import { foreignFile } from "../foreign_files.ts";
import type { Parser } from "./parser_target.ts";

const open = "how many lines were left out, and the usual interval, tell of all of them";

/** The parsers of files of other systems: what they tell makes whole records, and these a summary. */
export function importParsers(): Parser[] {
  const parser = (name: string, files: readonly string[], parse: (text: string) => readonly ImportedRun[]): Parser => ({
    name,
    texts: files.map(foreignFile),
    parse: (text) => parse(text).map(summarized),
    // A process, or a mark, may be older than the first row.
    signed: ["started", "elapsed"],
    open,
  });
  return [
    parser("parseResengCsv()", ["reseng.csv"], (text) => [parseResengCsv(text)]),
    parser("parseResengDump()", ["reseng.json"], (text) => [parseResengDump(text)]),
    parser("parseHeflwrLog()", ["heflwr.log", "heflwr_logger.log"], (text) => [parseHeflwrLog(text)]),
    parser("parsePymlUsage()", ["usage.json"], parsePymlUsage),
  ];
}

function summarized(run: ImportedRun): unknown {
  const pipeline = new Pipeline({});
  for (const record of importedRecords(run, "file")) {
    assert.doesNotThrow(() => toRecord(JSON.parse(JSON.stringify(record))));
    pipeline.accept(record);
  }
  return [run, pipeline.end()];
}
