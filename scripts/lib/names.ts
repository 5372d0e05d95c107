/** The emulator and the folder in `.local` of the end-to-end tests; beside those of a started system. */
export const TEST_SYSTEM = "test";

/** The folder in `.local`, and the emulator, of the system that `npm start` brings up. */
export const SYSTEM = process.env.VWT_SYSTEM ?? "system";
