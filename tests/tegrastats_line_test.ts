import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTegrastats, type TegrastatsLine } from "../collectors/tegrastats_line.ts";
import { fixture } from "./fixture_machine.ts";
import { SHARED_FIXTURES, testWithFixtures } from "./shared.ts";

const RAM = "RAM 534/3964MB (lfb 98x4MB)";

function parse(tokens: string): TegrastatsLine {
  return parseTegrastats(`${RAM} ${tokens}`);
}

Deno.test("parseTegrastats() reads mW as watts, with and without the unit, and never the average", () => {
  const rails = [{ name: "VDD_IN", watts: 2.532 }, { name: "VDD_CPU", watts: 0.076 }];
  assert.deepEqual(parse("VDD_IN 2532/2698 VDD_CPU 76/178").rails, rails);
  assert.deepEqual(parse("VDD_IN 2532mW/2698mW VDD_CPU 76mW/178mW/500mW").rails, rails);
  assert.deepEqual(parse("VDD_IN 2532mW VDD_CPU 76mW").rails, rails);
});

Deno.test("parseTegrastats() keeps power below zero, and leaves out what is not connected", () => {
  const { rails } = parse("VDD_GPU -392mW/0mW NC 0mW/0mW VIN 19780mW/19780mW NC 0mW/0mW");
  assert.deepEqual(rails, [{ name: "VDD_GPU", watts: -0.392 }, { name: "VIN", watts: 19.78 }]);
});

Deno.test("parseTegrastats() goes by shape where a list, a rail and a sensor have one name", () => {
  const line = parse("CPU [2%@1190,0%@1190,off,off] GPU@37.5C CPU@37.5C GPU 463/463 CPU 618/618 SOC 2936/2936");
  assert.deepEqual(line.rails.map(({ name }) => name), ["GPU", "CPU", "SOC"]);
  assert.deepEqual([...line.temperatures.keys()], ["GPU", "CPU"]);
  assert.deepEqual(line.unknown, []);
});

Deno.test("parseTegrastats() knows a gated sensor from a cold one, the current value from the most, and leaves out a constant", () => {
  const { temperatures } = parse("CV0@-256C BCPU@-45C PMIC@100C tj@51.218C/66.625C AO@30.5C");
  assert.deepEqual([...temperatures], [["CV0", null], ["BCPU", -45], ["tj", 51.218], ["AO", 30.5]]);
});

Deno.test("parseTegrastats() takes the memory controller only with a clock: without root the percentage is no measurement", () => {
  assert.equal(parse("EMC_FREQ 0% AO@30C").memoryController, undefined);
  assert.deepEqual(parse("EMC_FREQ 0%@204 AO@30C").memoryController, { percent: 0, hertz: 204e6 });
  assert.deepEqual(parse("EMC_FREQ @1600 AO@30C").memoryController, { hertz: 1600e6 });
  assert.deepEqual(parse("EMC 24%@1600 AO@30C").memoryController, { percent: 24, hertz: 1600e6 });
});

Deno.test("parseTegrastats() reads every form of the GPU; clocks alone are no load", () => {
  assert.deepEqual(parse("GR3D_FREQ 62%@306 AO@30C").gpu, { percent: 62, hertz: 306e6 });
  assert.deepEqual(parse("GR3D_FREQ 63%@[621] AO@30C").gpu, { percent: 63, hertz: 621e6 });
  assert.deepEqual(parse("GR3D_FREQ 87%@[1574,1575,1574]").gpu, { percent: 87, hertz: 1575e6 });
  assert.deepEqual(parse("GR3D_FREQ @[314,314,314]").gpu, { hertz: 314e6 });
  assert.deepEqual(parse("GR3D_FREQ 0%").gpu, { percent: 0 });
  assert.deepEqual(parse("GR3D 52%@998 GR3D_PCI 0%@2607").gpu, { percent: 52, hertz: 998e6 });
  assert.equal(parse("AO@30C").gpu, undefined);
});

Deno.test("parseTegrastats() reads every form of an engine, off ones too, through runs of blanks", () => {
  const { engines, unknown } = parse(
    "NVENC     716   NVDEC off NVJPG1 40%@115 OFA_FREQ @315 PVA0_FREQ off   APE  174 MTS fg 0% bg 1%",
  );
  assert.deepEqual([...engines], [
    ["NVENC", { hertz: 716e6 }],
    ["NVDEC", {}],
    ["NVJPG1", { percent: 40, hertz: 115e6 }],
    ["OFA", { hertz: 315e6 }],
    ["PVA0", {}],
    ["APE", { hertz: 174e6 }],
  ]);
  assert.deepEqual(unknown, []);
});

Deno.test("parseTegrastats() steps over words that it does not know, and numbers that cannot be", () => {
  const line = parse("FUTURE_TOKEN value VIC 140%@115 gpu@999C VDD_IN 99999999999mW/1mW APE 174 VDD_SOC 1353/1353");
  assert.deepEqual(line.unknown, ["FUTURE_TOKEN", "value", "VIC 140%@115", "gpu@999C", "VDD_IN 99999999999mW/1mW"]);
  assert.deepEqual(line.rails, [{ name: "VDD_SOC", watts: 1.353 }]);
  assert.deepEqual([...line.engines.keys()], ["APE"]);
});

Deno.test("parseTegrastats() refuses text that is no line of numbers", () => {
  for (const text of ["", "tegrastats: permission denied", "Tue Jan 26 18:22:31 UTC 2021", "RAM"]) {
    assert.throws(() => parseTegrastats(text), /^SyntaxError: Cannot parse a line of tegrastats: /);
  }
});

/** Every number of a line by what it is. */
function numbersOf(line: TegrastatsLine): Map<string, number | null | undefined> {
  const loads = [["gpu", line.gpu ?? {}] as const, ["emc", line.memoryController ?? {}] as const, ...line.engines];
  return new Map([
    ...line.rails.map(({ name, watts }) => [`rail ${name}`, watts] as const),
    ...line.temperatures,
    ...loads.flatMap(([name, { percent, hertz }]) => [[`${name} %`, percent], [`${name} Hz`, hertz]] as const),
  ]);
}

Deno.test("parseTegrastats() never gives a part of a number, wherever a line was cut off", () => {
  const lines = ["jetson_nano_l4t32", "jetson_orin_l4t36", "jetson_thor_l4t38"].map((name) =>
    fixture(name).read("/.resmon/tools/tegrastats --interval").trimEnd()
  );
  fc.assert(fc.property(fc.constantFrom(...lines), fc.nat(), (line, at) => {
    const cut = line.slice(0, at % line.length);
    fc.pre(/RAM +\d+\/\d+MB/.test(cut));
    const whole = numbersOf(parseTegrastats(line));
    for (const [name, value] of numbersOf(parseTegrastats(cut))) {
      if (value !== undefined) assert.equal(value, whole.get(name), `${name} of ${cut}`);
    }
  }));
});

testWithFixtures("parseTegrastats() consumes every line of the captures whole", (read) => {
  const folder = new URL("tegrastats/", SHARED_FIXTURES);
  const texts = Array.from(Deno.readDirSync(folder)).filter(({ name }) => name.endsWith(".txt"))
    .flatMap(({ name }) => read(`tegrastats/${name}`).trimEnd().split("\n"));
  assert.ok(texts.length > 30);
  const strange = texts.flatMap((text) => {
    try {
      return parseTegrastats(text).unknown;
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
      return [text];
    }
  });
  // A header that `date` printed, an error, and a token that was made up for such tests.
  assert.deepEqual(strange.sort(), [
    "FUTURE_TOKEN",
    "Tue Jan 26 18:22:31 UTC 2021",
    "tegrastats: permission denied",
    "value",
  ]);
});
