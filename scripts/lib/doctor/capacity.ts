import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { paginateListServiceQuotas, type ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetServiceSettingCommand } from "@aws-sdk/client-ssm";
import { TIERS } from "../../../catalogue/training/compute";
import type { Config } from "../../../config";
import { type Check, failed, ok, warning } from "./check";

/** A number of instances, and the quota of the account that they count against. */
interface Need {
  /** Name of the quota in Service Quotas; its code is the same in all regions. */
  readonly quota: string;
  readonly instances: number;
  /** Set where something fails without it that runs from the first day on. */
  readonly atOnce: boolean;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Lists the instances that the environment's endpoints, trainings and evaluations take. */
export function needs({ models, pipeline }: Config): readonly Need[] {
  const settings = Object.values(models);
  const realtime = settings.flatMap(({ serving }) => (serving.mode === "realtime" ? [serving] : []));
  const endpoints = [...new Set(realtime.map(({ instanceType }) => instanceType))].map((type) => {
    const fleets = realtime.flatMap(({ instanceType, maxInstances }) => (instanceType === type ? [maxInstances] : []));
    // A guarded update has a second fleet beside the first.
    return { quota: `${type} for endpoint usage`, instances: sum(fleets) + Math.max(...fleets), atOnce: true };
  });
  const smallest = TIERS[0]?.instanceType;
  const kinds = new Set(settings.map(({ training }) => (training.spot ? "spot training job" : "training job")));
  const types = [...new Set(TIERS.map(({ instanceType }) => instanceType))];
  const training = [...kinds].flatMap((kind) =>
    types.map((type) => ({
      quota: `${type} for ${kind} usage`,
      // The smallest trains all models at one time, a larger one the model that grew to its size.
      instances:
        type === smallest
          ? sum(settings.map((each) => each.training.tuning?.parallelJobs ?? 1))
          : Math.min(...TIERS.flatMap((tier) => (tier.instanceType === type ? [tier.instanceCount] : []))),
      atOnce: type === smallest,
    })),
  );
  const processing = {
    quota: `${pipeline.evaluationInstanceType} for processing job usage`,
    instances: settings.length,
    atOnce: true,
  };
  return [...endpoints, ...training, processing];
}

async function limits(client: ServiceQuotasClient): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const { Quotas = [] } of paginateListServiceQuotas(
    { client },
    { ServiceCode: "sagemaker", MaxResults: 100 },
  )) {
    for (const { QuotaName, Value } of Quotas) found.set(QuotaName ?? "", Value ?? 0);
  }
  return found;
}

const instances: Check = {
  name: "Quotas of instances",
  why: "new accounts may have none of a type: endpoints are not made, and trainings take the next size or fail",
  remedy: "ask for more in Service Quotas, Amazon SageMaker; it can take days",
  needs: "servicequotas:ListServiceQuotas",
  emulatorLacks: "Service Quotas",
  look: async ({ quotas, config }) => {
    const may = await limits(quotas);
    const short = needs(config).filter(({ quota, instances: wanted }) => (may.get(quota) ?? 0) < wanted);
    const tell = (all: readonly Need[]) =>
      all.map(({ quota, instances: wanted }) => `${quota}: ${may.get(quota) ?? "none listed"} of ${wanted}`).join("; ");
    const atOnce = short.filter((need) => need.atOnce);
    if (atOnce.length > 0) return failed(tell(atOnce));
    return short.length === 0
      ? ok(`${needs(config).length} quotas suffice`)
      : warning(`enough to begin with, not for larger data: ${tell(short)}`);
  },
};

const concurrency: Check = {
  name: "Concurrency of functions",
  why: "the configuration shares it between requests and runs; a new account may have 10, and reserving more is refused",
  remedy:
    "ask for more in Service Quotas, AWS Lambda, Concurrent executions; or say what there is in " +
    "quotas.concurrentFunctions, and lower pipeline.prepareConcurrency and what functions reserve",
  needs: "lambda:GetAccountSettings",
  emulatorLacks: "quota of functions",
  look: async ({ lambda, config, planned }) => {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {};
    const counted = config.quotas.concurrentFunctions;
    const says = `${ConcurrentExecutions} may run at once, the configuration counts on ${counted}`;
    if (ConcurrentExecutions < counted) return failed(says);
    const ours = sum(
      planned("aws_lambda_function").map(({ reserved_concurrent_executions: reserved }) => Number(reserved ?? 0)),
    );
    const reserved = ConcurrentExecutions - UnreservedConcurrentExecutions;
    // Before the deployment nothing is reserved, afterwards what we reserve; anything else is other systems'.
    return reserved === 0 || reserved === ours
      ? ok(says)
      : warning(`${says}; ${reserved} are reserved, of which we ask for ${ours}`, "see what other systems leave");
  },
};

/** GetParameter calls a second by default, and with higher throughput
 * (https://docs.aws.amazon.com/general/latest/gr/ssm.html). */
const READS_A_SECOND = { false: 40, true: 10_000 };

const parameters: Check = {
  name: "Reads of parameters",
  why: "predict containers read what serves; throttled, they answer with the last known version",
  remedy: "raise api.servingRecordFreshInSeconds, or turn on higher throughput of Parameter Store",
  needs: "ssm:GetServiceSetting",
  emulatorLacks: "service settings of SSM",
  look: async ({ ssm, config }) => {
    const SettingId = "/ssm/parameter-store/high-throughput-enabled";
    const { ServiceSetting } = await ssm.send(new GetServiceSettingCommand({ SettingId }));
    const reads = READS_A_SECOND[ServiceSetting?.SettingValue === "true" ? "true" : "false"];
    const containers = Math.floor((reads * config.api.servingRecordFreshInSeconds) / Object.keys(config.models).length);
    const says = `${reads} a second: enough for ${containers} containers of predict`;
    // Each request of the throttle's rate holds a container for well under a second.
    return containers < config.api.throttle.rateLimit ? warning(says) : ok(says);
  },
};

/** Checks how much of everything the account may have. */
export const CAPACITY: readonly Check[] = [instances, concurrency, parameters];
