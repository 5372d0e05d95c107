import type { FunctionName } from "../../../contracts/functions";
import { ROUTES, type RouteName, type RoutesOf } from "../../../contracts/routes";
import { toFailure } from "../util/failure";
import { errorName, type Telemetry } from "../util/telemetry";
import type { ProxyEvent, ProxyResult, RoutedEvent } from "./api-gateway";
import { problemResponse, Refusal } from "./problem";

/** Answers a request to one route. */
type Answerer<Ports, R> = (ports: Ports, event: RoutedEvent) => Promise<R>;

/** Makes the function that answers each request as its route says; it throws a `Refusal` where there is no route. */
export function byRoute<F extends FunctionName, Ports, R>(
  answerers: Readonly<Record<RoutesOf<F>, Answerer<Ports, R>>>,
): Answerer<Ports, R> {
  const byRequest: ReadonlyMap<string, Answerer<Ports, R>> = new Map(
    Object.entries<Answerer<Ports, R>>(answerers).map(([name, answerer]) => {
      const { method, path } = ROUTES[name as RouteName];
      return [`${method} /${path}`, answerer];
    }),
  );
  return async (ports, event) => {
    const answerer = byRequest.get(`${event.httpMethod} ${event.resource}`);
    if (!answerer) throw new Refusal("no-such-route", "see the API description for the routes");
    return answerer(ports, event);
  };
}

/** Answers a request; whatever is thrown becomes a problem document, and its name goes to the log. */
export async function answered(
  telemetry: Telemetry,
  { requestContext: { requestId } }: ProxyEvent,
  work: () => Promise<ProxyResult>,
): Promise<ProxyResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) telemetry.error("failed", { requestId, error: errorName(error) });
    const refusal = refusalOf(error);
    telemetry.info("refused", { requestId, problem: refusal.problem });
    return problemResponse(refusal, requestId);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return toFailure(error).retryable
    ? new Refusal("busy", "send the request again")
    : new Refusal("internal", "the request could not be answered");
}
