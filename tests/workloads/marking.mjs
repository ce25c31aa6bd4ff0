// Marks of every kind, by the npm package. With the word "exit" it ends without giving anything time to be sent.
import { checkpoint, log, phase, Progress, tag } from "resmon";

tag("begun", { runtime: "Deno" in globalThis ? "deno" : "node" });
phase("load", () => 1);
await phase("train", { epoch: 1 }, async () => await new Promise((resolve) => setTimeout(resolve, 20)));
try {
  await phase("broken", () => Promise.reject(new TypeError("no")));
} catch {
  // It is the mark that counts.
}
const files = new Progress(4, "files");
files.advance();
Progress.join(files.id).advance(2);
files.complete();
checkpoint("data", "loaded");
log("warning", "text", { loss: [0.5] }, { table: { columns: ["a"], rows: [[1]] } }, 10n);
tag("\u001b[31m<b>");
if (process.argv[2] === "exit") {
  phase("open");
  process.exit(7);
}
