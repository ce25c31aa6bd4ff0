import assert from "node:assert/strict";
import { NvidiaCollector } from "../collectors/nvidia.ts";
import { parsePmonHeader, parsePmonLine } from "../collectors/nvidia_pmon.ts";
import {
  parseSmiAbsence,
  parseSmiLine,
  refusedSmiField,
  SMI_FIELDS,
  smiArguments,
  type SmiField,
} from "../collectors/nvidia_smi.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, machine, valuesNow } from "./fixture_machine.ts";
import { SHARED_FIXTURES, testWithFixtures } from "./shared.ts";

const LINE = "0, GPU-a, 00000000:01:00.0, 550.1, 97, 41, [N/A], [Not Supported], 2048, 8192, 81.50, 320.00, 61, N/A, " +
  "1980, 1965, 2619, 1545, [Insufficient Permissions], 0x0000000000000004, [Unknown Error], 3, NVIDIA GeForce RTX 4080";
const PMON = "# gpu pid type sm mem fb command\n# Idx # C/G % % MB name\n";

function now(): number {
  return performance.now() / 1000;
}

/** A machine on which nvidia-smi prints these lines. */
function smiMachine(lines: string, pmon = `${PMON}0 - - - - - -\n`): ReturnType<typeof machine> {
  return machine({
    "/.resmon/tools/nvidia-smi": lines,
    "/.resmon/tools/nvidia-smi pmon": pmon,
  });
}

/** What the collector gives on such a machine, after its tools have printed. */
async function readSmi(
  root: ReturnType<typeof machine>,
  reported: Omit<Status, "collector">[] = [],
): Promise<Map<string, number | null>> {
  const collector = new NvidiaCollector();
  await collector.open({ ...environmentOf(root, reported), isRequired: true });
  const values = valuesNow(collector, now());
  await collector.close();
  return values;
}

Deno.test("NvidiaCollector reads nvidia-smi in base units, and leaves out what it does not tell", async () => {
  const reported: Omit<Status, "collector">[] = [];
  const values = await readSmi(smiMachine(`${LINE}\n`), reported);
  assert.equal(values.get('gpu_utilization_percent{gpu="0"}'), 97);
  assert.equal(values.get('gpu_memory_used_bytes{gpu="0"}'), 2 ** 31);
  assert.equal(values.get('gpu_power_watts{gpu="0"}'), 81.5);
  assert.equal(values.get('gpu_clock_hertz{gpu="0",clock="memory"}'), 2_619_000_000);
  assert.equal(values.get('gpu_throttle{gpu="0",state="sw_power_cap"}'), 1);
  assert.equal(values.get('gpu_throttle{gpu="0",state="hw_slowdown"}'), 0);
  assert.equal(values.get('gpu_ecc_errors_total{gpu="0",kind="corrected"}'), null);
  assert.equal(values.get('gpu_ecc_errors_total{gpu="0",kind="uncorrected"}'), 3);
  assert.ok(!values.has('gpu_temperature_celsius{gpu="0",sensor="memory"}'));
  assert.ok(!values.has('gpu_encoder_percent{gpu="0"}') && !values.has('gpu_fan_percent{gpu="0"}'));
  assert.deepEqual(reported.map(({ state, metrics }) => `${state} ${metrics}`), [
    "unsupported gpu_encoder_percent",
    "unsupported gpu_decoder_percent",
    "denied gpu_fan_percent",
  ]);
});

Deno.test("NvidiaCollector takes several GPUs from nvidia-smi, each with the columns that it has", async () => {
  const values = await readSmi(smiMachine(`${LINE}\n${LINE.replace("0, GPU-a", "1, GPU-b").replace("[N/A]", "5")}\n`));
  assert.equal(values.get('gpu_power_watts{gpu="1"}'), 81.5);
  assert.equal(values.get('gpu_encoder_percent{gpu="1"}'), 5);
  assert.ok(!values.has('gpu_encoder_percent{gpu="0"}'));
});

Deno.test("NvidiaCollector asks nvidia-smi again without a field that it does not know", async () => {
  const reported: Omit<Status, "collector">[] = [];
  const fields = SMI_FIELDS.filter(({ field }) => field !== "utilization.encoder");
  const texts = LINE.split(", ");
  const root = smiMachine('Field "utilization.encoder" is not a valid field to query.\n');
  root.write(
    `/.resmon/tools/nvidia-smi ${smiArguments(fields, 1000).join(" ")}`,
    `${texts.toSpliced(6, 1).join(", ")}\n`,
  );
  const values = await readSmi(root, reported);
  assert.equal(values.get('gpu_power_watts{gpu="0"}'), 81.5);
  assert.equal(reported[0]?.reason, "This nvidia-smi does not know utilization.encoder");
});

Deno.test("NvidiaCollector reads nothing from lines of nvidia-smi that lie, are cut off or are text", async () => {
  const lying = LINE.replace("97, 41", "-5, 250").replace("81.50", "nan").replace("61", "4294967295").replace(
    ", 2048",
    ", 1e9",
  );
  const values = await readSmi(smiMachine(`${LINE}\n${lying}\n${LINE.slice(0, 90)}\nGPU is busy\n`));
  const gaps = ["utilization_percent", "memory_busy_percent", "memory_used_bytes", "power_watts"];
  for (const name of gaps) assert.equal(values.get(`gpu_${name}{gpu="0"}`), null, name);
  assert.equal(values.get('gpu_temperature_celsius{gpu="0",sensor="gpu"}'), null);
  assert.equal(values.get('gpu_memory_total_bytes{gpu="0"}'), 2 ** 33);
});

Deno.test("NvidiaCollector has gaps for a GPU that nvidia-smi prints no more", async () => {
  const other = LINE.replace("0, GPU-a", "1, GPU-b");
  const once = await readSmi(smiMachine([LINE, other, LINE].map((line) => `${line}\n`).join("")));
  assert.equal(once.get('gpu_power_watts{gpu="1"}'), 81.5, "its line may be on the way");
  const gone = await readSmi(smiMachine([LINE, other, LINE, LINE, LINE].map((line) => `${line}\n`).join("")));
  assert.deepEqual([gone.get('gpu_power_watts{gpu="0"}'), gone.get('gpu_power_watts{gpu="1"}')], [81.5, null]);
});

Deno.test("NvidiaCollector takes the last pass of nvidia-smi pmon over the processes of each GPU", async () => {
  const rows = [
    "0 11 C 1 1 100 a",
    "0 12 C 2 1 200 b",
    "0 12 C 3 1 300 b",
    "0 13 C 4 1 50 c",
    "1 - - - - - -",
    "2 11 C - - - a",
  ];
  const root = smiMachine(`${LINE}\n`, `${PMON}${rows.join("\n")}\n`);
  const collector = new NvidiaCollector();
  root.link("/proc/self/ns/pid", "pid:[4026531836]");
  await collector.open(environmentOf(root));
  const processes = new Map([11, 12, 13].map((pid, id) => [pid, { pid, id, startTime: 1 }]));
  const { values } = collector.collect(now(), { processes });
  await collector.close();
  const told = Object.fromEntries(collector.series.map((series, at) => [series, values[at]]));
  assert.equal(told['process_gpu_memory_bytes{gpu="0"}'], 350 * 2 ** 20);
  assert.equal(told['process_gpu_utilization_percent{gpu="0"}'], 7);
  assert.equal(told['process_gpu_memory_bytes{gpu="1"}'], 0);
  assert.equal(told['process_gpu_memory_bytes{gpu="2"}'], null);
  assert.equal(told['process_gpu_utilization_percent{gpu="2"}'], null);
});

Deno.test("NvidiaCollector tells a GPU that nvidia-smi says is lost", async () => {
  const reported: Omit<Status, "collector">[] = [];
  const values = await readSmi(smiMachine(`${LINE}\n${LINE.replace("81.50", "[GPU requires reset]")}\n`), reported);
  assert.equal(values.get('gpu_power_watts{gpu="0"}'), null);
  assert.deepEqual(reported.at(-1)?.state, "lost");
});

for (
  const text of [
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that it is installed.",
    "Failed to initialize NVML: Driver/library version mismatch",
    "No devices were found",
  ]
) {
  Deno.test(`NvidiaCollector is off where nvidia-smi says: ${text.slice(0, 40)}`, async () => {
    await assert.rejects(readSmi(smiMachine(`${text}\n`)), (error) => String(error).includes(text.slice(0, 30)));
  });
}

Deno.test("parseSmiAbsence() knows every way to say that there is no number, and no number", () => {
  const never = ["[N/A]", "N/A", "[Not Supported]", "[Requested functionality has been deprecated]"];
  for (const text of never) assert.equal(parseSmiAbsence(text), "unsupported", text);
  assert.equal(parseSmiAbsence("[Insufficient Permissions]"), "denied");
  assert.equal(parseSmiAbsence("[Unknown Error]"), "later");
  assert.equal(parseSmiAbsence("[GPU requires reset]"), "lost");
  assert.equal(parseSmiAbsence("[GPU is lost]"), "lost");
  assert.equal(parseSmiAbsence("[Something new]"), "later");
  assert.equal(parseSmiAbsence("12"), undefined);
});

Deno.test("refusedSmiField() finds the field that nvidia-smi does not know", () => {
  assert.equal(refusedSmiField('Field "fan" is not a valid field to query.'), "fan");
  assert.equal(refusedSmiField(LINE), undefined);
});

Deno.test("parsePmonLine() reads a process by the header's columns, and a GPU without one", () => {
  const names = parsePmonHeader("# gpu         pid   type     sm    mem     fb    command ") ?? [];
  assert.deepEqual(parsePmonLine("    0      10309     C     99      7    512    gpu burn", names), {
    gpu: "0",
    process: { pid: 10309, memory: 512 * 2 ** 20, utilization: 99 },
  });
  assert.deepEqual(parsePmonLine("    1          -     -      -      -      -    -", names), {
    gpu: "1",
    process: undefined,
  });
  assert.equal(parsePmonLine("# Idx           #    C/G      %      %     MB    name", names), undefined);
  assert.throws(() => parsePmonLine("    0      103", names), SyntaxError);
  assert.throws(() => parsePmonLine("    0  -7  C  1 1 1 x", names), SyntaxError);
});

/** The lines below a heading that matches, up to the next one. */
function sections(text: string, heading: RegExp): string[][] {
  return text.split(/^#{80}\n(?=# \w+ ::)/m).filter((part) => heading.test(part.split("\n")[0] ?? ""))
    .map((part) => part.split("\n").slice(3).filter((line) => line !== ""));
}

/** What resmon's own question would have given, from a capture of all fields with units. */
function asAsked(header: string, line: string): string {
  const values = new Map(header.split(", ").map((name, at) => [name.split(" [")[0] ?? "", line.split(", ")[at] ?? ""]));
  const known = (name: string): string | undefined => values.get(name) ?? values.get(name.replace("throttle", "event"));
  const long: Readonly<Record<string, string>> = {
    "clocks.gr": "clocks.current.graphics",
    "clocks.sm": "clocks.current.sm",
    "clocks.mem": "clocks.current.memory",
    "clocks.video": "clocks.current.video",
  };
  const names = (smiArguments(SMI_FIELDS, 1000)[0] ?? "").replace("--query-gpu=", "").split(",");
  return names.map((name) => known(long[name] ?? name) ?? "[N/A]").map((text) => text.replace(/^([\d.]+) \S+$/, "$1"))
    .join(", ");
}

function readField(field: SmiField, text: string): number {
  if (parseSmiAbsence(text) !== undefined) return 0;
  assert.ok(field.read(text).every((value) => value !== null), `${field.field}: ${text}`);
  return 1;
}

// Not read by resmon, and so not here: the XML of nvidia-smi -q, its tables for people, dmon, and the lists of compute and accounted
// apps, of which pmon tells more.
testWithFixtures("Every capture of nvidia-smi parses: GPUs as CSV, and pmon", (read) => {
  let [gpus, numbers, processes] = [0, 0, 0];
  const captures = Array.from(Deno.readDirSync(new URL("nvidia-smi/", SHARED_FIXTURES)), ({ name }) => name);
  for (const name of captures.filter((each) => each.startsWith("capture_"))) {
    const text = read(`nvidia-smi/${name}`);
    for (const [header = "", ...lines] of sections(text, /query-gpu/)) {
      for (const line of lines) {
        const { texts, name: model } = parseSmiLine(asAsked(header, line), SMI_FIELDS);
        assert.match(model, /^NVIDIA /);
        numbers += SMI_FIELDS.reduce((sum, field, at) => sum + readField(field, texts[at] ?? ""), 0);
        gpus++;
      }
    }
    for (const [header = "", ...lines] of sections(text, /pmon/)) {
      const names = parsePmonHeader(header);
      assert.ok(names !== undefined, header);
      for (const line of lines) processes += parsePmonLine(line, names)?.process === undefined ? 0 : 1;
    }
  }
  const [header = "", ...lines] = read("nvidia-smi/sample-output_v465.csv").split("\n").filter((line) => line !== "");
  for (const line of lines) parseSmiLine(asAsked(header, line), SMI_FIELDS);
  assert.deepEqual({ gpus, lines: lines.length }, { gpus: 10, lines: 1 });
  assert.ok(numbers > 120 && processes > 60, `${numbers} numbers, ${processes} processes`);
});

Deno.test("parseSmiLine() refuses a line with more fields than were asked for", () => {
  assert.equal(parseSmiLine(LINE, SMI_FIELDS).gpu, "0");
  assert.throws(() => parseSmiLine(`${LINE}, 7`, SMI_FIELDS), SyntaxError);
});

Deno.test("NvidiaCollector ends a nvidia-smi that tells nothing of any GPU, as on a Jetson, and introduces none", async () => {
  const absent = LINE.split(", ").map((text, at) => at > 3 && at < 22 ? "[N/A]" : text).join(", ");
  const introduced: unknown[] = [];
  const collector = new NvidiaCollector();
  const introduce = (device: unknown): void => void introduced.push(device);
  await collector.open({ ...environmentOf(smiMachine(`${absent}\n${absent}\n`)), isRequired: true, introduce });
  assert.throws(() => collector.collect(now(), undefined), /Unavailable: .*nvidia-smi tells nothing of any of them/);
  assert.deepEqual(introduced, []);
  await collector.close();
});
