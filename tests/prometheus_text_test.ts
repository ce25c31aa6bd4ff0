import assert from "node:assert/strict";
import fc from "fast-check";
import { describeMetric, METRIC_NAMES } from "../lib/metrics.ts";
import { Samples, SeriesList } from "../lib/samples.ts";
import { formatSeries } from "../lib/series.ts";
import { LatestSamples } from "../sinks/latest_samples.ts";
import { familiesOf, renderExposition, runFamily } from "../sinks/prometheus_text.ts";
import { execute } from "./program.ts";
import { OpenMarks } from "../sinks/open_marks.ts";
import { markFamilies } from "../sinks/prometheus_marks.ts";
import { withTemporaryFolder } from "./temporary.ts";

const TWO = familiesOf([
  ['disk_read_bytes_total{disk="sda"}', 4096],
  ["cpu_percent", 12.5],
  ['disk_read_bytes_total{disk="sdb"}', 0],
]);

Deno.test("renderExposition() groups series by metric, in the order of the vocabulary", () => {
  assert.equal(
    renderExposition(TWO, "text"),
    `# HELP resmon_cpu_percent CPU use of the process tree; 100 is one core fully busy, so 4 busy cores are 400
# TYPE resmon_cpu_percent gauge
resmon_cpu_percent 12.5
# HELP resmon_disk_read_bytes_total Bytes read from each whole disk of the machine
# TYPE resmon_disk_read_bytes_total counter
resmon_disk_read_bytes_total{disk="sda"} 4096
resmon_disk_read_bytes_total{disk="sdb"} 0
`,
  );
});

Deno.test("renderExposition() names a counter of OpenMetrics without _total, tells units and an end", () => {
  assert.equal(
    renderExposition([...TWO.slice(1), runFamily({ run: "1" })], "openmetrics"),
    `# HELP resmon_disk_read_bytes Bytes read from each whole disk of the machine
# TYPE resmon_disk_read_bytes counter
# UNIT resmon_disk_read_bytes bytes
resmon_disk_read_bytes_total{disk="sda"} 4096
resmon_disk_read_bytes_total{disk="sdb"} 0
# HELP resmon_run The run that is recorded
# TYPE resmon_run info
resmon_run_info{run="1"} 1
# EOF
`,
  );
});

Deno.test("renderExposition() escapes a help as its format wants it", () => {
  const family = { name: "a", type: "gauge", help: 'say "b"\\\n', samples: [] } as const;
  assert.equal(renderExposition([family], "text").split("\n")[0], '# HELP a say "b"\\\\\\n');
  assert.equal(renderExposition([family], "openmetrics").split("\n")[0], '# HELP a say \\"b\\"\\\\\\n');
});

Deno.test("runFamily() escapes what a label cannot hold", () => {
  const text = renderExposition([runFamily({ command: 'a"b\\c\nd' })], "text");
  assert.equal(text.split("\n")[2], 'resmon_run_info{command="a\\"b\\\\c\\nd"} 1');
});

async function hasPromtool(): Promise<boolean> {
  return (await execute(["sh", "-c", "command -v promtool"])).code === 0;
}

function labelled(name: (typeof METRIC_NAMES)[number], value: string): string {
  return formatSeries(name, Object.fromEntries((describeMetric(name).labels ?? []).map((label) => [label, value])));
}

const CHECKED = "promtool finds nothing to say about the whole vocabulary";
Deno.test(CHECKED, async () => {
  if (!(await hasPromtool())) return console.warn(`DID NOT RUN: ${CHECKED}: promtool is not installed`);
  const families = familiesOf(METRIC_NAMES.map((name) => [labelled(name, 'a "quoted\\" name\n'), 1e21]));
  assert.equal(families.length, METRIC_NAMES.length);
  await withTemporaryFolder(async (folder) => {
    const marks = new OpenMarks();
    marks.event({ kind: "phase_start", name: "a\n", time: 0, elapsed: 0 });
    marks.event({ kind: "progress", span: "1", name: '"', completed: 1, total: 2, time: 0, elapsed: 0 });
    const told = markFamilies(marks);
    assert.equal(told.length, 3);
    const text = renderExposition([runFamily({ command: "é\n" }), ...told, ...families], "text");
    await Deno.writeTextFile(`${folder}/metrics`, text);
    const { code, stdout, stderr } = await execute(["sh", "-c", `promtool check metrics < "${folder}/metrics"`]);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  });
});

function samplesOf(values: readonly number[]): Samples {
  const list = new SeriesList();
  for (const name of ["cpu_percent", "memory_rss_bytes"]) list.add(name);
  return new Samples(list, values);
}

Deno.test("LatestSamples keeps the last value of a series that has a gap", () => {
  const latest = new LatestSamples();
  latest.add(1, samplesOf([10, 100]));
  latest.add(2, samplesOf([20]));
  latest.add(61, samplesOf([30, NaN]));
  assert.deepEqual([...latest.known()], [["cpu_percent", 30], ["memory_rss_bytes", 100]]);
});

Deno.test("LatestSamples leaves out what has had no value for a minute, or for five intervals", () => {
  const latest = new LatestSamples();
  latest.add(1, samplesOf([10, 100]));
  latest.add(61.5, samplesOf([20]));
  assert.deepEqual([...latest.known()], [["cpu_percent", 20]]);
  latest.interval = 30;
  assert.deepEqual([...latest.known()], [["cpu_percent", 20], ["memory_rss_bytes", 100]]);
});

Deno.test("LatestSamples holds no more than the values that came last", () => {
  const values = fc.array(fc.tuple(fc.double({ noNaN: true }), fc.constantFrom(NaN, 1, 2)), { minLength: 1 });
  fc.assert(fc.property(values, (frames) => {
    const latest = new LatestSamples();
    frames.forEach((frame, elapsed) => latest.add(elapsed / 100, samplesOf(frame)));
    const memory = frames.map(([, value]) => value).findLast((value) => !Number.isNaN(value));
    assert.deepEqual(new Map(latest.known()).get("memory_rss_bytes"), memory);
  }));
});
