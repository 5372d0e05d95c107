/** A test of what all files together have done; it has nothing to say when only some of them run. */
export const testOfAllFiles = process.env.VWT_ALL_FILES_RUN === "true" ? test : test.skip;
