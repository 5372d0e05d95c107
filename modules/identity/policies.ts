export const policyDocument = (statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** Names AWS's own policy for the role by which API Gateway writes logs; it takes no other. */
export const API_GATEWAY_LOGGING = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

/** Writes the policy by which a service may assume a role, under these conditions. */
export const trustPolicy = (service: string, condition?: object): string =>
  policyDocument([
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: service },
      ...(condition && { Condition: condition }),
    },
  ]);

/** Writes the policy by which an account lets those assume a role whom it lets. */
export const accountTrustPolicy = (accountId: string): string =>
  policyDocument([{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: `arn:aws:iam::${accountId}:root` } }]);

const iamGoverns = (accountId: string): object => ({
  Sid: "IamGoverns",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
});

/** Writes the policy of a key that IAM governs, and no service uses by itself. */
export const signingKeyPolicy = ({ accountId }: { readonly accountId: string }): string =>
  policyDocument([iamGoverns(accountId)]);

/**
 * Writes the policy of a key that IAM governs and that CloudWatch Logs of the account may use; `more` are statements
 * beside.
 */
export const keyPolicy = (
  { accountId, region }: { readonly accountId: string; readonly region: string },
  ...more: readonly object[]
): string =>
  policyDocument([
    iamGoverns(accountId),
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

/** Writes the bucket policy that refuses every request, for the bucket or its objects, that does not come over TLS. */
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

/** Writes the policy of a queue that the rule of this ARN, or rules of this pattern, may send to. */
export const sendersPolicy = (queueArn: string, rules: string): string =>
  policyDocument([
    {
      Sid: "RulesOfThisEnvironment",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn,
      Condition: { ArnLike: { "aws:SourceArn": rules } },
    },
  ]);
