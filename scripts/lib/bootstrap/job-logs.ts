import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";

/** Log groups of all SageMaker jobs of an account and region, whatever their environment or project. */
export const JOB_LOG_GROUPS = ["TrainingJobs", "ProcessingJobs", "LabelingJobs"].map(
  (kind) => `/aws/sagemaker/${kind}`,
);

/**
 * Makes the log groups of SageMaker's jobs before the first job does, which would give them neither retention nor key.
 * One that is there stays as it is, because the logs of others may be in it; returns what to do about those that lack
 * a key or keep their logs for another time.
 */
export async function ensureJobLogs(
  logs: CloudWatchLogsClient,
  retentionInDays: number,
  keyArn: string,
): Promise<readonly string[]> {
  const advice = await Promise.all(
    JOB_LOG_GROUPS.map(async (logGroupName) => {
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
      const group = logGroups.find((each) => each.logGroupName === logGroupName);
      if (group === undefined) {
        await logs.send(new CreateLogGroupCommand({ logGroupName, kmsKeyId: keyArn }));
        await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
        return [];
      }
      const name = `--log-group-name ${logGroupName}`;
      return [
        ...(group.kmsKeyId
          ? []
          : [`${logGroupName} has no key: aws logs associate-kms-key ${name} --kms-key-id ${keyArn}`]),
        ...(group.retentionInDays === retentionInDays
          ? []
          : [
              `${logGroupName} keeps logs ${group.retentionInDays ? `for ${group.retentionInDays} days` : "for ever"}, the ` +
                `configuration says ${retentionInDays}: aws logs put-retention-policy ${name} --retention-in-days ${retentionInDays}`,
            ]),
      ];
    }),
  );
  return advice.flat();
}
