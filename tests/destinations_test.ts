import assert from "node:assert/strict";
import { InvalidArgumentError } from "commander";
import { parseDestination } from "../commands/destinations.ts";
import { resmon } from "./program.ts";

const LOCAL = { kind: "prometheus", host: "127.0.0.1" };

Deno.test("parseDestination() reads Prometheus's ports, on the loopback address unless told otherwise", () => {
  assert.deepEqual(parseDestination("prometheus:9100"), [{ ...LOCAL, port: 9100 }]);
  assert.deepEqual(parseDestination("prometheus:0.0.0.0:0"), [{ ...LOCAL, host: "0.0.0.0", port: 0 }]);
  assert.deepEqual(parseDestination("prometheus:[::1]:80"), [{ ...LOCAL, host: "::1", port: 80 }]);
  assert.deepEqual(parseDestination("prometheus:node7.local:80"), [{ ...LOCAL, host: "node7.local", port: 80 }]);
});

Deno.test("parseDestination() reads URLs, simple unless told otherwise", () => {
  assert.deepEqual(parseDestination("http://10.0.0.5:5000"), [
    { kind: "http", url: "http://10.0.0.5:5000", isSimple: true },
  ]);
  assert.deepEqual(parseDestination("https://host/base/?simple=false"), [
    { kind: "http", url: "https://host/base", isSimple: false },
  ]);
});

Deno.test("parseDestination() takes name and password out of a URL", () => {
  const [destination] = parseDestination("https://ada:p%40ss%C3%A9@host");
  const bytes = new TextEncoder().encode("ada:p@ssé");
  assert.deepEqual(destination, {
    kind: "http",
    url: "https://host",
    authorization: `Basic ${bytes.toBase64()}`,
    isSimple: true,
  });
});

Deno.test("parseDestination() adds several, as a variable holds them", () => {
  const before = parseDestination("prometheus:1");
  assert.deepEqual(parseDestination(" prometheus:2  http://h ", before).map(({ kind }) => kind), [
    "prometheus",
    "prometheus",
    "http",
  ]);
});

Deno.test("parseDestination() refuses what is none", () => {
  const bad = ["", " ", "9100", "prometheus", "prometheus:", "prometheus:x:", "prometheus:65536", "prometheus:1:2:3"];
  for (const text of [...bad, "prometheus:-1", "ftp://host", "http://", "http://h?simple=1", "http://%zz:a@h"]) {
    assert.throws(() => parseDestination(text), InvalidArgumentError, text);
  }
});

Deno.test("resmon run --to says what is wrong with a destination, without its password", async () => {
  const { code, stderr } = await resmon(["run", "--to", "http://ada:sesame@host?simple=7", "--", "echo"]);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^resmon: option '--to <destination>' argument 'http:\/\/\*\*\*@host\?simple=7' is invalid\. Its/,
  );
  assert.ok(!stderr.includes("sesame"));
});
