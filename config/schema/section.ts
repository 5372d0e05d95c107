import { z } from "zod";

/**
 * Makes the schema of a group of settings, which takes no others. The description, like those of the settings, comes to
 * docs/configuration.md.
 */
export const section = <Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) =>
  z.strictObject(shape).describe(description);
