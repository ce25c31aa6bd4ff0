import assert from "node:assert/strict";
import { parseDrmClient } from "../collectors/drm_fdinfo_linux.ts";
import { testWithFixtures } from "./shared.ts";

const HEAD = "pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t7\ndrm-pdev:\t0000:04:00.0\n";

Deno.test("parseDrmClient() reads nanoseconds of engines, whose number is no engine", () => {
  const client = parseDrmClient(`${HEAD}drm-engine-video:\t1500000000 ns\ndrm-engine-capacity-video:\t2\n`);
  assert.deepEqual([...client?.seconds ?? []], [["video", 1.5]]);
});

Deno.test("parseDrmClient() tells memory of the device and of the machine apart, in bytes, KiB and MiB", () => {
  const text = `${HEAD}drm-resident-vram:\t2 MiB\ndrm-resident-gtt:\t512 KiB\ndrm-resident-cpu:\t9 MiB\n` +
    "drm-resident-stolen-local0:\t100\n";
  const client = parseDrmClient(text);
  assert.deepEqual([client?.memoryBytes, client?.sharedMemoryBytes], [2 ** 21 + 100, 2 ** 19]);
});

Deno.test("parseDrmClient() takes the older names of memory where the newer are missing", () => {
  const client = parseDrmClient(`${HEAD}drm-memory-vram:\t10 KiB\ndrm-memory-gtt: \t3 KiB\ndrm-resident-gtt:\t4 KiB\n`);
  assert.deepEqual([client?.memoryBytes, client?.sharedMemoryBytes], [10240, 4096]);
});

Deno.test("parseDrmClient() knows no memory where the driver tells only sizes, resident or not", () => {
  const client = parseDrmClient(`${HEAD}drm-total-system0:\t1024 KiB\n`);
  assert.deepEqual([client?.memoryBytes, client?.sharedMemoryBytes], [undefined, undefined]);
});

Deno.test("parseDrmClient() gives nothing for a file without a client, as of nvidia-drm", () => {
  assert.equal(parseDrmClient("pos:\t0\nflags:\t02100002\nmnt_id:\t24\n"), undefined);
  assert.equal(parseDrmClient("pos:\t0\ndrm-driver:\tnvidia-drm\n"), undefined);
});

Deno.test("parseDrmClient() refuses what is cut off, negative or of another unit", () => {
  for (
    const line of [
      "drm-engine-gfx:\t12",
      "drm-engine-gfx:\t-12 ns\n",
      "drm-engine-gfx:\t12 ms\n",
      "drm-cycles-rcs:\t12\n",
      "drm-resident-vram:\t12 pages\n",
    ]
  ) assert.throws(() => parseDrmClient(HEAD + line), SyntaxError, line);
});

testWithFixtures("parseDrmClient() reads the captures of amdgpu, i915 and xe", (read) => {
  const amd = parseDrmClient(read("drm-fdinfo/amdgpu_6.12"));
  assert.deepEqual([...amd?.seconds ?? []], [["gfx", 39.456116802]]);
  assert.deepEqual([amd?.memoryBytes, amd?.sharedMemoryBytes], [544428 * 1024, 22 * 2 ** 20]);
  const i915 = parseDrmClient(read("drm-fdinfo/i915"));
  assert.deepEqual([...i915?.seconds.keys() ?? []], ["render", "copy", "video", "video-enhance"]);
  assert.equal(i915?.seconds.get("render"), 137.463412963);
  const xe = parseDrmClient(read("drm-fdinfo/xe"));
  assert.deepEqual(xe?.cycles.get("rcs"), { busy: 28257900, total: 7655183225 });
  assert.deepEqual([...xe?.cycles.keys() ?? []], ["rcs", "bcs", "vcs", "vecs", "ccs"]);
  assert.deepEqual([xe?.memoryBytes, xe?.sharedMemoryBytes, xe?.seconds.size], [23992 * 1024, 192 * 1024, 0]);
});
