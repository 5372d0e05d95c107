import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { Construct } from "constructs";
import type { Config } from "../../config";
import { CAPTURE_ERRORS, CAPTURED, CAPTURED_PREFIX } from "../../contracts/data-layout";
import { BaseStack } from "../base/base-stack";
import { ServiceRole } from "../identity/iam";
import { logGroup } from "../observability/log-group";
import type { PrivateBucket } from "../storage/private-bucket";

export interface CaptureStreamProps {
  readonly dataset: string;
  /** The dataset's data bucket; the stream writes under `captured/` and `capture-errors/`. */
  readonly bucket: PrivateBucket;
  /** A captured row is in the bucket once one of these is reached. */
  readonly buffer: Pick<Config["drift"], "bufferInMb" | "bufferInSeconds">;
}

/**
 * Makes the Firehose stream that writes a dataset's captured predictions to its data bucket, with a role and a log of
 * its own.
 */
export class CaptureStream extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, { dataset, bucket, buffer }: CaptureStreamProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const name = naming.of("stream", "captured", dataset);
    const logs = logGroup(this, "logs", `/aws/kinesisfirehose/${name}`);
    const deliveries = new CloudwatchLogStream(this, "deliveries", { name: "deliveries", logGroupName: logs.name });
    const role = new ServiceRole(this, "role", {
      name: naming.of("role", "captured", dataset),
      description: `Captured traffic of ${dataset} into its bucket`,
      service: "firehose.amazonaws.com",
    })
      .grant("bucket:deliver", bucket.arn)
      .grant("object:deliver", `${bucket.arn}/${CAPTURED}*`, `${bucket.arn}/${CAPTURE_ERRORS}*`)
      .grant("key:use", key.arn)
      .grant("log:write", `${logs.arn}:*`);
    const stream = new KinesisFirehoseDeliveryStream(this, "stream", {
      name,
      destination: "extended_s3",
      serverSideEncryption: { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: key.arn },
      extendedS3Configuration: {
        bucketArn: bucket.arn,
        roleArn: role.arn,
        prefix: CAPTURED_PREFIX,
        errorOutputPrefix: `${CAPTURE_ERRORS}!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
        bufferingSize: buffer.bufferInMb,
        bufferingInterval: buffer.bufferInSeconds,
        // A sixth of the bytes to keep and to read.
        compressionFormat: "GZIP",
        kmsKeyArn: key.arn,
        cloudwatchLoggingOptions: { enabled: true, logGroupName: logs.name, logStreamName: deliveries.name },
      },
      dependsOn: [role.policy],
    });
    this.name = stream.name;
    this.arn = stream.arn;
  }

  grantPut(role: ServiceRole): void {
    role.grant("stream:put", this.arn);
  }
}
