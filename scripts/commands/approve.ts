import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { holderOf } from "../lib/locks";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { servingRecords } from "../lib/retraining";
import { knownModel, target } from "../lib/target";
import { versionsOf, versionTable } from "../lib/versions";

/** Approves or rejects a candidate that waits for a person. */
main("approve", async ({ arguments: [name, asked], options }) => {
  const model = knownModel(name);
  const environment = await target();
  const versions = await versionsOf(environment, model);
  const waiting = versions.filter(({ approval }) => approval === "PendingManualApproval");
  const version = asked ?? (waiting.length === 1 ? waiting[0]?.version : undefined);
  const found = waiting.find((each) => each.version === version);
  if (!found) {
    const serving = (await servingRecords(environment))[model]?.modelVersion;
    console.log(`${versionTable(versions, serving)}\n`);
    throw new UserError(
      waiting.length === 0
        ? `No version of ${model} waits for approval.`
        : `Name one that waits: npm run approve -- ${model} <version>`,
    );
  }
  await environment.sagemaker.send(
    new UpdateModelPackageCommand({
      ModelPackageArn: found.arn,
      ModelApprovalStatus: options.reject ? "Rejected" : "Approved",
      ...(options.reason && { ApprovalDescription: options.reason }),
    }),
  );
  const holder = await holderOf(environment, model);
  const waits = holder?.running === true && holder.waitsFor === found.arn;
  console.log(
    `${found.version} of ${model} is ${options.reject ? "rejected" : "approved"}; ` +
      (waits
        ? "its run goes on."
        : "no run waits for it any more, so nothing happens by itself." +
          (options.reject ? "" : ` To make it serve: npm run rollback -- ${model} ${found.version}`)),
  );
  return undefined;
});
