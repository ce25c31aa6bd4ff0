import assert from "node:assert/strict";
import recordsSchema from "../docs/records.schema.json" with { type: "json" };
import summarySchema from "../docs/summary.schema.json" with { type: "json" };
import type { ResmonRecord } from "../lib/records.ts";
import { sampleSession } from "./sample_records.ts";
import { assertValidRecords, assertValidSummary } from "./schema.ts";

const PAGE = Deno.readTextFileSync(new URL("../docs/format.md", import.meta.url));

/** The examples in one format. */
function examplesIn(format: string): string[] {
  return Array.from(PAGE.matchAll(/```(\w+)\n(.*?)```/gs)).filter(([, name]) => name === format).map(([, , text]) =>
    text ?? ""
  );
}

/** The names of all fields that a schema knows. */
function fieldsIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema && typeof schema.properties === "object"
    ? Object.keys(schema.properties ?? {})
    : [];
  return [...own, ...Object.values(schema).flatMap(fieldsIn)];
}

Deno.test("docs/format.md explains every field of both schemas", () => {
  const fields = new Set([...fieldsIn(recordsSchema), ...fieldsIn(summarySchema)]);
  assert.ok(fields.size > 60);
  for (const field of fields) assert.ok(PAGE.includes(`${field}\``), `${field} is not explained`);
});

Deno.test("docs/format.md shows an example of every record, as the schema says", () => {
  const lines = examplesIn("jsonl").flatMap((example) => example.trim().split("\n"));
  const shown = lines.map((line): ResmonRecord => JSON.parse(line));
  for (const record of shown) assertValidRecords([sampleSession(), { ...record, seq: 2 }]);
  assert.deepEqual([...new Set(shown.map(({ type }) => type))], [
    "session",
    "status",
    "device",
    "baseline",
    "columns",
    "tick",
    "event",
    "end",
  ]);
});

Deno.test("docs/format.md shows a summary as the schema says", () => {
  const [summary, ...others] = examplesIn("json");
  assert.deepEqual(others, []);
  assertValidSummary(JSON.parse(summary ?? ""));
});
