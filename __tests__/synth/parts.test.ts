import validate from "asl-validator";
import { jsonata, machineWith } from "../../modules/pipelines/asl";
import { type ClaimVariables, claimPart, releasePart } from "../../modules/pipelines/parts/claim";
import { type NotifyVariables, publish } from "../../modules/pipelines/parts/notify";
import { type VerifyVariables, verifyPart } from "../../modules/pipelines/parts/verify";
import { variables } from "../../modules/pipelines/variables";

/** A pipeline that only asks a model's endpoint whether it is well, made of what the retraining is made of. */
interface CheckUpVariables extends ClaimVariables, NotifyVariables, VerifyVariables {
  readonly result: ClaimVariables["result"] & { readonly status: string };
}

const { model, result } = variables<CheckUpVariables>();
const end = (status: string) => ({ result: { model: jsonata(model), status } });
const props = { lockTable: "locks", topic: "topic", environment: "vwt test" };
const polling = { endpointPollInSeconds: 30, endpointDeadlineInSeconds: 1800 };

test("another pipeline is made of the same parts, by naming their exits", () => {
  const machine = machineWith<CheckUpVariables>()("Claim", {
    ...claimPart(props, { claimed: "Probe", takenOver: "Probe", busy: "Busy" }),
    ...verifyPart({ ...polling, probeFunction: "arn" }, { verified: "Well" }),
    Well: { Type: "Pass", Assign: end("Promoted"), Next: "Release" },
    Busy: { Type: "Pass", Assign: end("Skipped"), Next: "Release" },
    Failed: { Type: "Pass", Assign: end("Failed"), Next: "Release" },
    ...releasePart(props, { released: "Notify" }),
    Notify: publish(props, result.status, result, "Done"),
    Done: { Type: "Succeed" },
  });
  const { isValid, errorsText } = validate({ QueryLanguage: "JSONata", ...machine });
  expect(isValid ? "" : errorsText("\n")).toBe("");
  expect(machine.States).toMatchObject({
    Claim: { Next: "Probe", Catch: [{ Next: "Is it held?" }] },
    "Does it run?": { Choices: [{ Next: "Busy" }] },
    Probe: { Next: "Well" },
    Release: { Next: "Notify" },
  });
});
