import assert from "node:assert/strict";
import {
  decodeBusId,
  decodeFieldValue,
  decodeMemory,
  decodeMemoryV2,
  decodeProcesses,
  decodeProcessSamples,
  decodeUtilization,
  FIELD_VALUE_BYTES,
  MEMORY_BYTES,
  MEMORY_V2,
  PCI_INFO_BYTES,
  PROCESS_INFO_BYTES,
  PROCESS_SAMPLE_BYTES,
  TEMPERATURE_V1,
  UTILIZATION_BYTES,
} from "../lib/ffi/nvml_structs.ts";
import { testWithFixtures } from "./shared.ts";

/** A struct as the C compiler lays it out: offset and size of each field, `-` being the whole. */
type Layout = ReadonlyMap<string, { readonly offset: number; readonly size: number }>;

/** Reads the table of layouts, and the versions of structs below it. */
function readLayouts(text: string): { layouts: ReadonlyMap<string, Layout>; versions: ReadonlyMap<string, number> } {
  const layouts = new Map<string, Map<string, { offset: number; size: number }>>();
  const versions = new Map<string, number>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    if (line.startsWith("#ver ")) {
      const [, name = "", version = ""] = line.split(" ");
      versions.set(name, parseInt(version, 16));
      continue;
    }
    const [struct = "", field = "", offset = "", size = ""] = line.split("\t");
    const fields = layouts.get(struct) ?? new Map();
    fields.set(field, { offset: offset === "-" ? 0 : parseInt(offset, 10), size: parseInt(size, 10) });
    layouts.set(struct, fields);
  }
  return { layouts, versions };
}

/** Writes unsigned numbers at the places of their fields. */
function fill(layout: Layout | undefined, values: Readonly<Record<string, bigint>>): Uint8Array {
  const bytes = new Uint8Array(layout?.get("-")?.size ?? 0);
  for (const [name, value] of Object.entries(values)) {
    const field = layout?.get(name);
    assert.ok(field !== undefined, name);
    for (let at = 0; at < field.size; at++) {
      bytes[field.offset + at] = Number(BigInt.asUintN(8, value >> BigInt(8 * at)));
    }
  }
  return bytes;
}

const ALL_BITS = 2n ** 64n - 1n;

testWithFixtures("The structs of NVML are laid out as the C compiler does", (read) => {
  const { layouts, versions } = readLayouts(read("nvml/struct_layouts_x86_64.tsv"));
  const sizeOf = (name: string): number | undefined => layouts.get(name)?.get("-")?.size;
  assert.equal(sizeOf("nvmlUtilization_t"), UTILIZATION_BYTES);
  assert.equal(sizeOf("nvmlMemory_t"), MEMORY_BYTES);
  assert.deepEqual([sizeOf("nvmlMemory_v2_t"), versions.get("nvmlMemory_v2")], [MEMORY_V2.bytes, MEMORY_V2.version]);
  assert.deepEqual(
    [sizeOf("nvmlTemperature_v1_t"), versions.get("nvmlTemperature_v1")],
    [TEMPERATURE_V1.bytes, TEMPERATURE_V1.version],
  );
  assert.equal(sizeOf("nvmlPciInfo_t"), PCI_INFO_BYTES);
  assert.equal(sizeOf("nvmlFieldValue_t"), FIELD_VALUE_BYTES);
  assert.equal(sizeOf("nvmlProcessUtilizationSample_t"), PROCESS_SAMPLE_BYTES);
  assert.deepEqual(
    [sizeOf("nvmlProcessInfo_v1_t"), sizeOf("nvmlProcessInfo_v2_t"), sizeOf("nvmlProcessDetail_v1_t")],
    [PROCESS_INFO_BYTES.v1, PROCESS_INFO_BYTES.v2, PROCESS_INFO_BYTES.r535],
  );

  const utilization = fill(layouts.get("nvmlUtilization_t"), { gpu: 97n, memory: 41n });
  assert.deepEqual(decodeUtilization(utilization), { gpu: 97, memory: 41 });
  const memory = { total: 80n << 30n, free: 1n, used: 20n << 30n };
  assert.deepEqual(decodeMemory(fill(layouts.get("nvmlMemory_t"), memory)), {
    total: 80 * 2 ** 30,
    used: 20 * 2 ** 30,
  });
  const unknown = fill(layouts.get("nvmlMemory_v2_t"), {
    version: 1n,
    total: 7n,
    reserved: 2n,
    free: 3n,
    used: ALL_BITS,
  });
  assert.deepEqual(decodeMemoryV2(unknown), { total: 7, used: null });
  for (const [name, size] of [["v1", 16], ["v2", 24]] as const) {
    const process = fill(layouts.get(`nvmlProcessInfo_${name}_t`), { pid: 4321n, usedGpuMemory: 5n });
    assert.deepEqual(decodeProcesses(Uint8Array.of(...process, ...process), 2, size)[1], { pid: 4321, memory: 5 });
  }
  const sample = fill(layouts.get("nvmlProcessUtilizationSample_t"), { pid: 9n, timeStamp: 10n ** 15n, smUtil: 55n });
  assert.deepEqual(decodeProcessSamples(sample, 1), [{ pid: 9, time: 1e15, sm: 55 }]);
  const busId = fill(layouts.get("nvmlPciInfo_t"), { busId: BigInt(`0x${"41".repeat(3)}`) });
  assert.equal(decodeBusId(busId), "AAA");
  const field = layouts.get("nvmlFieldValue_t");
  assert.deepEqual(decodeFieldValue(fill(field, { nvmlReturn: 3n, valueType: 1n, value: 72n })), {
    code: 3,
    value: 72,
  });
  assert.deepEqual(decodeFieldValue(fill(field, { valueType: 3n, value: ALL_BITS })), { code: 0, value: null });
});

Deno.test("decodeFieldValue() reads every type of value", () => {
  const bytes = new Uint8Array(FIELD_VALUE_BYTES);
  const view = new DataView(bytes.buffer);
  function decode(type: number, write: () => void): number | null {
    view.setUint32(24, type, true);
    write();
    return decodeFieldValue(bytes).value;
  }
  assert.equal(decode(0, () => view.setFloat64(32, 1.5, true)), 1.5);
  assert.equal(decode(1, () => view.setUint32(32, 4e9, true)), 4e9);
  assert.equal(decode(2, () => view.setBigUint64(32, 12n, true)), 12);
  assert.equal(decode(3, () => view.setBigUint64(32, 13n, true)), 13);
  assert.equal(decode(4, () => view.setBigInt64(32, -14n, true)), -14);
  assert.equal(decode(5, () => view.setInt32(32, -15, true)), -15);
  assert.equal(decode(9, () => undefined), null);
});
