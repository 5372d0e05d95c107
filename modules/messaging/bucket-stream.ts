import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import { ServiceRole } from "../identity/iam";
import { logGroup } from "../observability/log-group";
import type { PrivateBucket } from "../storage/private-bucket";

export interface BucketStreamProps {
  /** Parts of the names of stream and role, after the project and environment. */
  readonly name: readonly [string, ...string[]];
  /** What the role's description says that the stream brings into the bucket. */
  readonly brings: string;
  readonly bucket: PrivateBucket;
  /** Prefix that the stream writes under, and nowhere else. */
  readonly under: string;
  /** Prefix of objects, in Firehose's syntax; within `under`. */
  readonly prefix: string;
  /** Prefix with what could not be written, in folders by reason and day. */
  readonly errors: string;
  /** A record is in the bucket once one of these is reached. */
  readonly buffer: { readonly bufferInMb: number; readonly bufferInSeconds: number };
  /** Whether Firehose ends each record with a newline, because who puts it does not. */
  readonly endsLines?: boolean;
}

/** Makes a Firehose stream that writes what it gets to a bucket, compressed, with a role and a log of its own. */
export class BucketStream extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: BucketStreamProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const { bucket, buffer } = props;
    const name = naming.of("stream", ...props.name);
    const logs = logGroup(this, "logs", `/aws/kinesisfirehose/${name}`);
    const deliveries = new CloudwatchLogStream(this, "deliveries", { name: "deliveries", logGroupName: logs.name });
    const role = new ServiceRole(this, "role", {
      name: naming.of("role", ...props.name),
      description: props.brings,
      service: "firehose.amazonaws.com",
    })
      .grant("bucket:deliver", bucket.arn)
      .grant("object:deliver", `${bucket.arn}/${props.under}*`, `${bucket.arn}/${props.errors}*`)
      .grant("key:use", key.arn)
      .grant("log:write", `${logs.arn}:*`);
    const stream = new KinesisFirehoseDeliveryStream(this, "stream", {
      name,
      destination: "extended_s3",
      serverSideEncryption: { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: key.arn },
      extendedS3Configuration: {
        bucketArn: bucket.arn,
        roleArn: role.arn,
        prefix: props.prefix,
        errorOutputPrefix: `${props.errors}!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
        bufferingSize: buffer.bufferInMb,
        bufferingInterval: buffer.bufferInSeconds,
        // A sixth of the bytes to keep and to read.
        compressionFormat: "GZIP",
        kmsKeyArn: key.arn,
        cloudwatchLoggingOptions: { enabled: true, logGroupName: logs.name, logStreamName: deliveries.name },
        ...(props.endsLines && {
          processingConfiguration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
        }),
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
