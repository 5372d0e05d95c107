import { z } from "zod";
import { section } from "./section";

export const archives = section("How events are written to operators' archives.", {
  bufferInMb: z
    .int()
    .min(1)
    .max(128)
    .default(64)
    .describe("Size of an operator's events at which Firehose writes them to its archive."),
  bufferInSeconds: z
    .int()
    .min(60)
    .max(900)
    .default(900)
    .describe("Seconds after which Firehose writes an operator's events, however few there are."),
});
