import {
  CreateEndpointCommand,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { ServingRecord } from "../../contracts/serving-record";
import { ask } from "../../scripts/lib/emulator";
import { servingRecords } from "../../scripts/lib/retraining";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { without } from "./setup/permissions";
import { trained } from "./setup/serving";
import { eventually, testSystem } from "./setup/system";

// What the roles that our stacks make are for, action by action; the emulator asks them for what the SageMaker guide
// (sagemaker-roles) says that SageMaker does in their name.
const MODEL = "before-initial-deposit-problem-gambling";
const PULL = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchGetImage",
];

let system: System;
let sagemaker: SageMakerClient;
let EndpointConfigName: string;
let names = 0;
beforeAll(async () => {
  system = await testSystem();
  sagemaker = new SageMakerClient(emulatorSettings(system.emulator, system.config));
  await trained(system, MODEL);
  ({ endpointConfigName: EndpointConfigName } = (await servingRecords(system))[MODEL] as ServingRecord);
});

const refusals = async () => (await ask(system.emulator, "/_vwt/refusals")).json();

test("no role was refused anything that AWS would have kept to itself", async () => {
  expect(await refusals()).toEqual([]);
});

describe("the training role", () => {
  const ROLE = [MODEL, "training"];
  /** The newest training that the state machine had, but of one round. */
  let job: Omit<CreateTrainingJobCommandInput, "TrainingJobName">;
  beforeAll(async () => {
    // Configurations and trainings of a model have the same prefix, which may be a shortened name.
    const NameContains = EndpointConfigName.replace(/-(initial|\d{8}-.*)$/, "");
    const wanted = { NameContains, StatusEquals: "Completed", SortOrder: "Descending" } as const;
    const { TrainingJobSummaries: [newest] = [] } = await sagemaker.send(new ListTrainingJobsCommand(wanted));
    const found = await sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: newest?.TrainingJobName as string }),
    );
    const { TrainingImage, TrainingInputMode } = found.AlgorithmSpecification as { TrainingInputMode: "File" } & Record<
      string,
      string
    >;
    job = {
      RoleArn: found.RoleArn,
      AlgorithmSpecification: { TrainingImage, TrainingInputMode },
      InputDataConfig: found.InputDataConfig,
      OutputDataConfig: found.OutputDataConfig,
      ResourceConfig: found.ResourceConfig,
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
      HyperParameters: { ...found.HyperParameters, num_round: "1" },
    };
  });

  async function train(): Promise<string> {
    names += 1;
    const TrainingJobName = `vwt-local-roles-${names}`;
    await sagemaker.send(new CreateTrainingJobCommand({ ...job, TrainingJobName }));
    return eventually(async () => {
      const { TrainingJobStatus: status, FailureReason } = await sagemaker.send(
        new DescribeTrainingJobCommand({ TrainingJobName }),
      );
      return status !== "InProgress" && `${status} ${FailureReason}`;
    });
  }

  test("may do all that a training job needs", async () => {
    expect(await train()).toBe("Completed undefined");
  });

  test.each(PULL)("pulls no image without %s", async (action) => {
    await without(system, ROLE, action, async () => {
      await expect(train()).rejects.toMatchObject({
        name: "ValidationException",
        message: expect.stringMatching(/^Access denied for repository: sagemaker-xgboost in registry ID: \d{12}\. /),
      });
    });
  });

  test.each([
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:Encrypt",
    "kms:CreateGrant",
  ])("trains nothing without %s", async (action) => {
    await without(system, ROLE, action, async () => {
      expect(await train()).toMatch(new RegExp(`^Failed ClientError: .*not authorized to perform: ${action} `));
    });
  });
});

describe("the serving role", () => {
  const ROLE = [MODEL, "serving"];

  async function serve(): Promise<string> {
    names += 1;
    const EndpointName = `vwt-local-roles-${names}`;
    await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
    const ended = await eventually(async () => {
      const { EndpointStatus, FailureReason } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
      return EndpointStatus !== "Creating" && `${EndpointStatus} ${FailureReason}`;
    });
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
    return ended;
  }

  test("may do all that an endpoint needs", async () => {
    expect(await serve()).toBe("InService undefined");
  });

  test.each(PULL)("pulls no image without %s", async (action) => {
    await without(system, ROLE, action, async () => {
      const operation = action.split(":")[1];
      expect(await serve()).toMatch(
        new RegExp(`^Failed The role '.*' does not have ${operation} permission for the image: '.*sagemaker-xgboost:`),
      );
    });
  });

  test.each(["s3:GetObject", "kms:Decrypt"])("fetches no model without %s", async (action) => {
    await without(system, ROLE, action, async () => {
      expect(await serve()).toMatch(new RegExp(`^Failed .*not authorized to perform: ${action} `));
    });
  });
});
