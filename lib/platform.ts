/**
 * The system that resmon runs on, as `Deno.build.os` names it. Tests set `RESMON_PLATFORM` to run the path of another system on
 * the one that they have.
 */
export const PLATFORM: string = Deno.env.get("RESMON_PLATFORM") ?? Deno.build.os;
