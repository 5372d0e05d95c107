import { parseConfig } from "../../config";
import { local } from "../../config/local";
import { evaluate, mainStateMachine } from "./states";
import { synthesize } from "./synthesize";

const EMAIL = "rg-team@example.com";

const withEmails = (notifications: object) =>
  synthesize(parseConfig({ ...local, notifications } as typeof local, "config/test.ts")).stepFunctions;

test("there is one topic, and nobody subscribes to it unless the configuration says so", () => {
  const { stepFunctions } = synthesize("production");
  expect(stepFunctions.one("aws_sns_topic")).toMatchObject({ name: "vwt-production-retraining" });
  expect(stepFunctions.count("aws_sns_topic_subscription")).toBe(0);
});

test("an address hears of everything but skipped runs and scorings that went well, or of what it asks for", () => {
  const filterOf = (notifications: object) =>
    JSON.parse(
      withEmails(notifications).one("aws_sns_topic_subscription", { endpoint: EMAIL }).filter_policy as string,
    );
  const alarms = { AlarmName: [{ exists: true }] };
  expect(filterOf({ emails: [EMAIL] })).toEqual({
    $or: [
      { event: ["LabelsWanted", "ApprovalWanted", "Promoted", "Rejected", "RolledBack", "Failed", "ScoringFailed"] },
      alarms,
    ],
  });
  expect(filterOf({ emails: [EMAIL], events: ["Failed"] })).toEqual({ $or: [{ event: ["Failed"] }, alarms] });
  expect(() => withEmails({ emails: ["somebody"] })).toThrow("notifications.emails.0");
  expect(() => withEmails({ emails: [EMAIL], events: ["Fialed"] })).toThrow("notifications.events.0");
});

describe("a message", () => {
  const { perModel } = mainStateMachine(synthesize("production").stepFunctions);
  const states = { context: { Execution: { Id: "arn:execution" } } };
  const messageOf = async (state: string, variables: object) => {
    const { Subject, Message } = (await evaluate(perModel[state]?.Arguments, { states, ...variables })) as {
      Subject: string;
      Message: string;
    };
    return { subject: Subject, message: JSON.parse(Message) as object };
  };

  test("about the end of a run holds what the execution says of it", async () => {
    const result = { model: "m", status: "Failed", step: "Train", error: "E", cause: "no instances" };
    expect(await messageOf("Notify", { model: "m", result })).toEqual({
      subject: "vwt production: Failed: m",
      message: { event: "Failed", environment: "vwt production", execution: "arn:execution", ...result },
    });
  });

  test("to an approver names the package, the figures and until when", async () => {
    const judged = { reason: "good", metrics: { brier: "0.06" }, championMetrics: {}, report: "s3://r" };
    const variables = { model: "m".repeat(120), plan: { runId: "v" }, modelPackage: "arn:p", judged, approveUntil: 0 };
    const { subject, message } = await messageOf("Notify approver", variables);
    // SNS takes no longer one.
    expect(subject).toHaveLength(100);
    expect(message).toMatchObject({
      event: "ApprovalWanted",
      modelPackage: "arn:p",
      until: "1970-01-01T00:00:00.000Z",
    });
  });

  test("to labellers says how many records want a label, and never whose", async () => {
    const variables = {
      model: "m",
      plan: { runId: "v" },
      labelling: { reason: "few" },
      rows: { unlabelled: 6 },
      labellingSettings: { deadlineInSeconds: 60 },
    };
    expect((await messageOf("Notify labellers", variables)).message).toEqual({
      event: "LabelsWanted",
      environment: "vwt production",
      model: "m",
      execution: "arn:execution",
      runId: "v",
      reason: "few",
      unlabelled: 6,
      withinSeconds: 60,
    });
  });
});
