import type { Construct } from "constructs";
import type { Config } from "../../../config";
import { chosenMarketing } from "../../../config/schema/operators";
import { RECORDS } from "../../../contracts/data-layout";
import type { OwnVariable } from "../../../contracts/environment";
import type { FunctionName, ScoringFunctionName } from "../../../contracts/functions";
import { SCORED, scoringKeys } from "../../../contracts/scoring-layout";
import { type Bundles, bindMoney, bucketNames, functionFactory, perModel } from "../../functions/function-factory";
import type { NodeFunction } from "../../functions/node-function";
import type { ServiceRole } from "../../identity/iam";
import type { EventBus } from "../../messaging/event-bus";
import type { HostedModel } from "../../sagemaker/hosted-model";
import type { AssessmentTable } from "../../storage/assessment-table";
import type { PlayerTable } from "../../storage/player-table";
import type { PrivateBucket } from "../../storage/private-bucket";

export interface ScoringFunctionsProps {
  readonly hosted: readonly HostedModel[];
  /** By dataset. */
  readonly dataBuckets: Readonly<Record<string, PrivateBucket>>;
  readonly bundles: Bundles;
  /** Takes the bundles. */
  readonly assets: PrivateBucket;
  readonly assessments: AssessmentTable;
  readonly players: PlayerTable;
  readonly bus: EventBus;
  readonly config: Pick<Config, "functions" | "money" | "api" | "operators">;
}

/** Names of the functions that are told of the data buckets. */
type DataBucketReader = {
  [F in FunctionName]: "DATA_BUCKETS" extends OwnVariable<F> ? F : never;
}[FunctionName];

/** Functions of the scoring: one of each in an environment, but for `extractFeatures`. */
export interface ScoringFunctions {
  readonly once: Readonly<Record<ScoringFunctionName, NodeFunction>>;
  /** By dataset. */
  readonly extractFeatures: Readonly<Record<string, NodeFunction>>;
}

/** Patterns of the files of all runs. */
const FILES = scoringKeys("*");

/** Makes the functions that the scoring's state machine calls, each with permission for what it uses. */
export function scoringFunctions(scope: Construct, props: ScoringFunctionsProps): ScoringFunctions {
  const { hosted, dataBuckets, assessments, players, bus, config } = props;
  const nodeFunction = functionFactory(scope, {
    settings: config.functions,
    bundles: props.bundles,
    bucket: props.assets,
  });
  /** Tells a function the data buckets, and lets it read and write files of these patterns in each of them. */
  const inBuckets = <F extends DataBucketReader>(
    of: NodeFunction<F>,
    { reads = [], writes = [] }: { readonly reads?: readonly string[]; readonly writes?: readonly string[] },
    buckets = dataBuckets,
    more: (bucket: PrivateBucket, role: ServiceRole) => void = () => {},
  ) =>
    of.bind("DATA_BUCKETS", bucketNames(buckets), (role) => {
      for (const bucket of Object.values(buckets)) {
        for (const pattern of reads) bucket.grantRead(role, pattern);
        for (const pattern of writes) bucket.grantWrite(role, pattern);
        more(bucket, role);
      }
    });

  const planScoring = inBuckets(
    nodeFunction("plan-scoring", "Finds a dataset's records and the models that score them"),
    { writes: [FILES.manifest, FILES.parts] },
    dataBuckets,
    (bucket, role) => role.grant("bucket:list", bucket.arn),
  ).bind(
    "SERVING_PARAMETERS",
    perModel(hosted, ({ endpoint }) => endpoint.servingParameter.name),
    (role) => {
      for (const { endpoint } of hosted) role.grant("parameter:read", endpoint.servingParameter.arn);
    },
  );

  const extractFeatures = Object.fromEntries(
    Object.entries(dataBuckets).map(([dataset, bucket]) => [
      dataset,
      inBuckets(
        bindMoney(
          nodeFunction("extract-features", `Makes features of ${dataset} records for the scoring`, dataset),
          config.money,
        ),
        { reads: [`${RECORDS}*`], writes: [`${FILES.rows("*")}*`, `${FILES.counts}*`] },
        { [dataset]: bucket },
      ),
    ]),
  );

  const pickNewest = inBuckets(nodeFunction("pick-newest", "Picks the newest row of every player of a part"), {
    reads: [`${FILES.rows("*")}*`],
    writes: [`${FILES.features}*`, FILES.players("*"), FILES.newest("*")],
  });

  const sizeTransform = inBuckets(
    nodeFunction("size-transform", "Adds up records and players and chooses the compute that scores them"),
    { reads: [`${FILES.counts}*`, FILES.newest("*")] },
    dataBuckets,
    (bucket, role) => bucket.grantRemove(role, `${SCORED}*`),
  );

  const rankScores = inBuckets(nodeFunction("rank-scores", "Ranks the scores of each operator's players"), {
    reads: [FILES.newest("*"), `${FILES.scores("*")}*`],
    writes: [FILES.percentiles("*")],
  });

  const publishScores = inBuckets(nodeFunction("publish-scores", "Publishes the scores of a part's players"), {
    reads: [
      FILES.newest("*"),
      FILES.players("*"),
      `${FILES.features}*`,
      `${FILES.scores("*")}*`,
      FILES.percentiles("*"),
    ],
    writes: [`${SCORED}*`],
  })
    .bind("ASSESSMENT_TABLE", assessments.name, (role) => assessments.grantRemember(role))
    .bind("RISK_MEMORY_DAYS", config.api.rememberRiskForDays)
    .bind("PLAYER_TABLE", players.name, (role) => players.grantReadMarketing(role))
    .bind("MARKETING_RULES", chosenMarketing(config.operators))
    .bind("EVENT_BUS", bus.name, (role) => bus.grantPut(role));

  return {
    once: {
      "plan-scoring": planScoring,
      "pick-newest": pickNewest,
      "size-transform": sizeTransform,
      "rank-scores": rankScores,
      "publish-scores": publishScores,
    },
    extractFeatures,
  };
}
