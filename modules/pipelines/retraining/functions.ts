import type { Construct } from "constructs";
import type { Config } from "../../../config";
import { RECORDS } from "../../../contracts/data-layout";
import type { OwnVariable } from "../../../contracts/environment";
import type { FunctionName, RetrainingFunctionName } from "../../../contracts/functions";
import { labelledPart, OUT_OF_TIME, ROWS, RUN_FILES, RUNS, runKey, SPLITS } from "../../../contracts/run-layout";
import { BaseStack } from "../../base/base-stack";
import { entry } from "../../base/tables";
import { type Bundles, bindMoney, bucketNames, functionFactory, perModel } from "../../functions/function-factory";
import type { NodeFunction } from "../../functions/node-function";
import type { ServiceRole } from "../../identity/iam";
import type { HostedModel } from "../../sagemaker/hosted-model";
import type { LabelTable } from "../../storage/label-table";
import type { LockTable } from "../../storage/lock-table";
import type { PrivateBucket } from "../../storage/private-bucket";

export interface RetrainingFunctionsProps {
  readonly hosted: readonly HostedModel[];
  /** By dataset. */
  readonly dataBuckets: Readonly<Record<string, PrivateBucket>>;
  /** By model. */
  readonly modelBuckets: Readonly<Record<string, PrivateBucket>>;
  readonly bundles: Bundles;
  /** Takes the bundles. */
  readonly assets: PrivateBucket;
  readonly labels: LabelTable;
  readonly locks: LockTable;
  readonly settings: Config["functions"];
  readonly money: Config["money"];
  readonly endpointTimeoutInMs: number;
  /** Days that records and what is made of them are kept; `null` for ever. */
  readonly dataRetentionDays: number | null;
}

/** Names of the functions that are told of the models' buckets. */
type ModelBucketReader = {
  [F in FunctionName]: "MODEL_BUCKETS" extends OwnVariable<F> ? F : never;
}[FunctionName];

/** Functions of the retraining: one of each in an environment, but for `prepare`. */
export type RetrainingFunctions = Readonly<Record<RetrainingFunctionName, NodeFunction>> & {
  /** By dataset. */
  readonly prepare: Readonly<Record<string, NodeFunction>>;
};

/** Makes the functions that the retraining state machine calls, each with permission for what it uses. */
export function retrainingFunctions(scope: Construct, props: RetrainingFunctionsProps): RetrainingFunctions {
  const { hosted, dataBuckets, modelBuckets, labels, locks } = props;
  const { naming, region } = BaseStack.of(scope);
  const nodeFunction = functionFactory(scope, { ...props, bucket: props.assets });
  /** Tells a function the models' buckets, and grants its role the same in each of them. */
  const inModelBuckets = <F extends ModelBucketReader>(
    reader: NodeFunction<F>,
    allow: (bucket: PrivateBucket, role: ServiceRole) => void,
  ) =>
    reader.bind("MODEL_BUCKETS", bucketNames(modelBuckets), (role) => {
      for (const bucket of Object.values(modelBuckets)) allow(bucket, role);
    });

  const plan = inModelBuckets(
    nodeFunction("plan", "Finds a model's training data and chooses the compute for it"),
    (bucket, role) => {
      for (const file of ["manifest.json", "data.json", "labels.json"] as const)
        bucket.grantWrite(role, runKey("*", file));
      bucket.grantRead(role, runKey("*", "data.json"));
    },
  )
    .bind("DATA_BUCKETS", bucketNames(dataBuckets), (role) => {
      for (const bucket of Object.values(dataBuckets)) role.grant("bucket:list", bucket.arn);
    })
    .bind(
      "SERVING_PARAMETERS",
      perModel(hosted, ({ endpoint }) => endpoint.servingParameter.name),
      (role) => {
        for (const { endpoint } of hosted) {
          role.grant("parameter:read", endpoint.servingParameter.arn, endpoint.lastRunParameter.arn);
        }
      },
    )
    .bind(
      "LAST_RUN_PARAMETERS",
      perModel(hosted, ({ endpoint }) => endpoint.lastRunParameter.name),
    )
    .bind("LABEL_TABLE", labels.name, (role) => labels.grantReadAgreed(role))
    .bind("REGION", region);

  const prepareOf = (dataset: string) => {
    const dataBucket = entry(dataBuckets, dataset);
    const buckets = Object.fromEntries(
      hosted
        .filter(({ model }) => model.dataset === dataset)
        .map(({ model }) => [model.name, entry(modelBuckets, model.name)]),
    );
    return bindMoney(nodeFunction("prepare", `Makes training rows of ${dataset} records`, dataset), props.money)
      .bind("DATA_BUCKETS", bucketNames({ [dataset]: dataBucket }), (role) => dataBucket.grantRead(role, `${RECORDS}*`))
      .bind("MODEL_BUCKETS", bucketNames(buckets), (role) => {
        for (const bucket of Object.values(buckets)) {
          bucket.grantRead(role, runKey("*", "labels.json"));
          bucket.grantRead(role, runKey("*", "revisions/*"));
          bucket.grantRead(role, runKey("*", RUN_FILES.cut));
          bucket.grantRemove(role, `${ROWS}*`);
          bucket.grantWrite(role, runKey("*", "counts/*"));
          bucket.grantWrite(role, `${ROWS}*`);
        }
      });
  };

  const countLabels = inModelBuckets(
    nodeFunction("count-labels", "Adds up what was counted of the records and chooses the labelling"),
    (bucket, role) => {
      bucket.grantRead(role, runKey("*", "counts/*"));
      bucket.grantRead(role, runKey("*", "manifest.json"));
      bucket.grantRead(role, runKey("*", "identities/*"));
      for (const file of ["records/*", "revisions/*", RUN_FILES.cut, RUN_FILES.repeatedManifest] as const)
        bucket.grantWrite(role, runKey("*", file));
    },
  );

  const askLabellers = inModelBuckets(
    nodeFunction("ask-labellers", "Gives people the rows that nobody has labelled"),
    (bucket, role) => {
      bucket.grantRead(role, runKey("*", "unlabelled/*"));
      bucket.grantRead(role, runKey("*", RUN_FILES.automaticLabels));
      bucket.grantRead(role, runKey("*", "labelling/*"));
      bucket.grantWrite(role, runKey("*", "labelling/*"));
    },
  ).bind("LABEL_TABLE", labels.name, (role) => {
    labels.grantAsk(role);
    role.grant("execution:resume", naming.stateMachineArn("main"));
  });
  const { dataRetentionDays } = props;
  // What people are asked about is kept as long as the records that it was made of.
  if (dataRetentionDays !== null) askLabellers.bind("LABEL_RETENTION_DAYS", dataRetentionDays);

  const collectLabels = inModelBuckets(
    nodeFunction("collect-labels", "Makes training rows of what people agreed on"),
    (bucket, role) => {
      bucket.grantRead(role, runKey("*", "labelling/*"));
      for (const folder of [...SPLITS, "context", OUT_OF_TIME, RUN_FILES.outOfTimeContext] as const)
        bucket.grantWrite(role, runKey("*", labelledPart(folder, "*")));
    },
  ).bind("LABEL_TABLE", labels.name, (role) => labels.grantAsk(role));

  const judgeCandidate = inModelBuckets(
    nodeFunction("judge-candidate", "Judges a candidate by its evaluation"),
    (bucket, role) => bucket.grantRead(role, runKey("*", "evaluation/*")),
  );

  const checkRequest = nodeFunction("check-request", "Checks what a run is asked for");

  const awaitApproval = nodeFunction("await-approval", "Ends a run's wait for a person's decision")
    .bind("LOCK_TABLE", locks.name, (role) => {
      locks.grantNote(role);
      role.grant("execution:resume", naming.stateMachineArn("main"));
    })
    .bind(
      "MODELS_BY_GROUP",
      Object.fromEntries(hosted.map(({ model, versions }) => [versions.name, model.name])),
      (role) => role.grant("model-package:describe", naming.sagemakerArns("model-package")),
    );

  const probeEndpoint = nodeFunction("probe-endpoint", "Sends synthetic traffic to a model's endpoint")
    .bind("ENDPOINT_TIMEOUT_MS", props.endpointTimeoutInMs)
    .bind(
      "ENDPOINTS",
      perModel(hosted, ({ endpoint }) => endpoint.name),
      (role) => {
        for (const { endpoint } of hosted) role.grant("endpoint:invoke", endpoint.arn);
      },
    );

  const pruneVersions = inModelBuckets(
    nodeFunction("prune-versions", "Retires a model's old versions as a whole"),
    (bucket, role) => {
      for (const prefix of [ROWS, RUNS]) bucket.grantRemove(role, `${prefix}*`);
    },
  );
  pruneVersions.role
    .grant("model-package:retire", naming.sagemakerArns("model-package"))
    .grant("model:retire", naming.sagemakerArns("model"))
    .grant("endpoint-config:retire", naming.sagemakerArns("endpoint-config"))
    .grantUnbound("model-package:list")
    .grantUnbound("endpoint-config:list");

  const prepare = Object.fromEntries(Object.keys(dataBuckets).map((name) => [name, prepareOf(name)]));
  return {
    "check-request": checkRequest,
    plan,
    prepare,
    "count-labels": countLabels,
    "ask-labellers": askLabellers,
    "collect-labels": collectLabels,
    "judge-candidate": judgeCandidate,
    "await-approval": awaitApproval,
    "probe-endpoint": probeEndpoint,
    "prune-versions": pruneVersions,
  };
}
