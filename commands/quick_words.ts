/** The subcommands that start at once: scripts call them in loops, and they load nothing of what records and renders. */
export const QUICK_WORDS: readonly string[] = ["tag", "phase", "checkpoint", "log", "progress", "time"];
