import assert from "node:assert/strict";
import { createCollectors, listSubjects, selectCollectors } from "../collectors/mod.ts";

function namesOf(words: string): string[] {
  return selectCollectors(words, "linux").collectors.map(({ name }) => name);
}

Deno.test("createCollectors() gives every collector of Linux once, and none where none is written", () => {
  const names = createCollectors("linux").map(({ name }) => name);
  assert.deepEqual(names, [
    "cpu",
    "cpu_frequency",
    "load",
    "memory",
    "jetson_emc",
    "disk",
    "network",
    "pressure",
    "temperature",
    "fan",
    "rapl",
    "hwmon_power",
    "battery",
    "jetson_power",
    "tegrastats",
    "cgroup",
    "nvidia",
    "jetson_gpu",
    "amdgpu",
    "amd_smi",
    "intel_gpu",
    "intel_gpu_top",
    "drm_processes",
    "neuron",
  ]);
  assert.deepEqual(createCollectors("plan9"), []);
});

Deno.test("selectCollectors() takes the words, in the order of the columns", () => {
  assert.deepEqual(namesOf("memory,cpu"), ["cpu", "cpu_frequency", "load", "memory", "jetson_emc"]);
  assert.deepEqual(namesOf("process"), []);
});

Deno.test("selectCollectors() starts from all for all and for a word to leave out", () => {
  const all = createCollectors("linux").map(({ name }) => name);
  assert.deepEqual(namesOf("all"), all);
  assert.deepEqual(namesOf("-disk, -cgroup"), all.filter((name) => name !== "disk" && name !== "cgroup"));
  assert.deepEqual(namesOf("disk,-disk"), []);
});

Deno.test("selectCollectors() requires what was named, not its companions and not all", () => {
  assert.deepEqual(selectCollectors("cpu,pressure", "linux").required, [["cpu"], ["pressure"]]);
  assert.deepEqual(selectCollectors("all,-disk", "linux").required, []);
  assert.deepEqual(selectCollectors("gpu,-gpu,disk", "linux").required, [["disk"]]);
});

Deno.test("selectCollectors() makes a source of two subjects once, and for each of them", () => {
  assert.equal(namesOf("gpu,power").filter((name) => name === "tegrastats").length, 1);
  for (const word of ["gpu", "power"]) {
    assert.ok(selectCollectors(word, "linux").required[0]?.includes("tegrastats"), word);
  }
});

Deno.test("selectCollectors() names the word that was meant, and all there are", () => {
  assert.throws(
    () => selectCollectors("cpu,memroy", "linux"),
    /^RangeError: Cannot select metrics "memroy": did you mean memory\? Known are all, process, monitor, cpu, memory, /,
  );
  assert.throws(() => selectCollectors("", "linux"), /^RangeError: Cannot select metrics "": Known are all, /);
  assert.throws(() => selectCollectors("-process", "linux"), /Cannot leave out process: it is always recorded/);
});

Deno.test("listSubjects() explains every word in a line of help", () => {
  for (const { word, help } of listSubjects("linux")) assert.ok(`${word}  ${help}`.length < 72, word);
});
