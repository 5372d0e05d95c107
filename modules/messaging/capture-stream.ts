import type { Construct } from "constructs";
import { CAPTURE_ERRORS, CAPTURED, CAPTURED_PREFIX } from "../../contracts/data-layout";
import { BucketStream, type BucketStreamProps } from "./bucket-stream";

export interface CaptureStreamProps extends Pick<BucketStreamProps, "buffer"> {
  readonly dataset: string;
  /** The dataset's data bucket; the stream writes under `captured/` and `capture-errors/`. */
  readonly bucket: BucketStreamProps["bucket"];
}

/** Makes the stream that writes a dataset's captured predictions to its data bucket. */
export class CaptureStream extends BucketStream {
  constructor(scope: Construct, id: string, { dataset, bucket, buffer }: CaptureStreamProps) {
    super(scope, id, {
      name: ["captured", dataset],
      brings: `Captured traffic of ${dataset} into its bucket`,
      ...{ bucket, under: CAPTURED, prefix: CAPTURED_PREFIX, errors: CAPTURE_ERRORS, buffer },
    });
  }
}
