/** Name of the emulator, and of its folder in `.local`, that end-to-end tests use. */
export const TEST_SYSTEM = "test";

/** Name of the emulator to which a test applies production, beside the end-to-end tests. */
export const PRODUCTION_TEST_SYSTEM = "test-production";

/** Name of the emulator, and of its folder in `.local`, that `npm start` brings up. */
export const SYSTEM = process.env.VWT_SYSTEM ?? "system";
