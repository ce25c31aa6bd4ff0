// Two monitors of this program at once, and one that cannot start. Usage: monitors.mjs FOLDER FOLDER
import { Monitor, tag } from "resmon";

const [first, second] = process.argv.slice(2).map((output) => new Monitor({ output, interval: 0.05 }));
await first.start();
await second.start();
first.tag("of the first");
second.tag("of the second", { number: 2 });
tag("of both");
await first.stop();
await second.stop();
first.tag("too late");
const stats = await second.stats();
console.log(Object.values(stats).every((values) => Array.isArray(values)) && "cpu_percent" in stats);
const { run, processes } = await second.summary();
console.log(run.mode, processes.seen);
await first.start().catch((error) => console.log(error.message));
process.env.RESMON_BIN = "/bin/false";
await new Monitor().start().catch((error) => console.log(error.message));
