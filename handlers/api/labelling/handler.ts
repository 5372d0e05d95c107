import type { ProxyResult, RoutedEvent } from "../../lib/http/api-gateway";
import { jsonResponse } from "../../lib/http/problem";
import { answered } from "../../lib/http/routes";
import { errorName, type Telemetry } from "../../lib/util/telemetry";
import { type Ports, respond } from "./logic";

export interface LabellingDeps {
  readonly telemetry: Telemetry;
  readonly store: Ports["store"];
  /** Tells the execution that waits with this task token to go on. */
  readonly resume: (token: string) => Promise<void>;
}

/** Answers labellers: they see their operator's tasks, answer them, and see how far runs are. */
export const createHandler =
  (deps: LabellingDeps) =>
  (event: RoutedEvent): Promise<ProxyResult> => {
    const { requestId } = event.requestContext;
    return answered(deps.telemetry, event, async () =>
      jsonResponse(200, await respond(portsOf(deps, requestId), event), requestId),
    );
  };

const portsOf = ({ telemetry, store, resume }: LabellingDeps, requestId: string): Ports => ({
  store,
  now: () => new Date(),
  // The vote is stored all the same, and the next one, or whoever looks at the progress, tries again.
  resume: ({ model, runId }, token) =>
    resume(token).then(
      () => telemetry.info("nothing is open: the execution goes on", { requestId, model, runId }),
      (error: unknown) =>
        telemetry.error("the execution was not told to go on", { requestId, model, runId, error: errorName(error) }),
    ),
  onVote: (task, { model, runId, status, counted }) => {
    telemetry.info("answered", { requestId, task, model, runId, status, counted });
    if (!counted) return;
    telemetry.measure("model", model, {
      LabelsAnswered: 1,
      ...(status === "agreed" && { LabelsAgreed: 1 }),
      ...(status === "disputed" && { LabelsDisputed: 1 }),
    });
  },
  onHidden: (tasks) => telemetry.warn("tasks of other features are not shown", { requestId, tasks }),
});
