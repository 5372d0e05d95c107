import { z } from "zod";
import type { Bounds } from "../../contracts/environment";

/** Takes a whole number within the bounds of the environment variable that it becomes. */
export const wholeNumber = ({ least, most }: Bounds) => z.int().min(least).max(most);
