import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import recordsSchema from "../docs/records.schema.json" with { type: "json" };
import summarySchema from "../docs/summary.schema.json" with { type: "json" };
import type { ResmonRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
});
ajv.addSchema(recordsSchema);
ajv.addSchema(summarySchema);

/** Fails unless each record is as `docs/records.schema.json` says, the first is a session and the numbers go up. */
export function assertValidRecords(records: readonly ResmonRecord[]): void {
  assert.equal(records[0]?.type, "session", "the first record is no session");
  let seq = 0;
  for (const record of records) {
    const text = JSON.stringify(record);
    assertValid(`${recordsSchema.$id}#/$defs/${record.type}`, JSON.parse(text));
    assert.ok(record.seq > seq, `seq does not go up from ${seq}: ${text}`);
    seq = record.seq;
  }
}

/** Fails unless a summary, as JSON holds it, is as `docs/summary.schema.json` says. */
export function assertValidSummary(summary: Summary): void {
  assertValid(summarySchema.$id, JSON.parse(JSON.stringify(summary)));
}

function assertValid(schema: string, value: unknown): void {
  const validate: ValidateFunction | undefined = ajv.getSchema(schema);
  assert.ok(validate !== undefined, `${schema} is missing`);
  if (validate(value)) return;
  assert.fail(`${ajv.errorsText(validate.errors)}\nin ${JSON.stringify(value, null, 2).slice(0, 2000)}`);
}
