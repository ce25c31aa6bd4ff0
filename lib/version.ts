/** The version of resmon, as `resmon --version` and every session record tell it. */
export const VERSION = "0.1.0";
