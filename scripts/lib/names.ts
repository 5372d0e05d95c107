/** Name of the emulator, and of its folder in `.local`, that end-to-end tests use. */
export const TEST_SYSTEM = "test";

/** Name of the emulator, and of its folder in `.local`, that `npm start` brings up. */
export const SYSTEM = process.env.VWT_SYSTEM ?? "system";
