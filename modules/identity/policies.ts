export const policyDocument = (statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** AWS's own policy for the role by which API Gateway writes logs; it takes no other. */
export const API_GATEWAY_LOGGING = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

/** Who may assume a role: a service, under these conditions. */
export const trustPolicy = (service: string, condition?: object): string =>
  policyDocument([
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: service },
      ...(condition && { Condition: condition }),
    },
  ]);

/** The policy of a key that IAM governs and that CloudWatch Logs of the account may use; and what `more` allows. */
export const keyPolicy = (
  { accountId, region }: { readonly accountId: string; readonly region: string },
  ...more: readonly object[]
): string =>
  policyDocument([
    {
      Sid: "IamGoverns",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "LogsOfThisAccount",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:*` } },
    },
    ...more,
  ]);

/** The bucket policy that refuses every request, for the bucket or its objects, that does not come over TLS. */
export const tlsOnly = (bucketArn: string): string =>
  policyDocument([
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, `${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
