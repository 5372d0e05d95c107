/** The folder in `.local`, and the emulator, of the system that `npm start` brings up. */
export const SYSTEM = process.env.VWT_SYSTEM ?? "system";
