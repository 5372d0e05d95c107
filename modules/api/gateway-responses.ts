import { ApiGatewayGatewayResponse } from "@cdktf/provider-aws/lib/api-gateway-gateway-response";
import { Construct } from "constructs";
import { PROBLEM_JSON, PROBLEMS, type ProblemType, problemDocument, retryAfterOf } from "../../contracts/problems";

interface Answer {
  /** API Gateway's name of the response. */
  readonly type: string;
  readonly problem: ProblemType;
  readonly detail: string;
}

/** Maps what API Gateway itself refuses to the problem documents of RFC 9457 that the functions answer with too. */
const ANSWERS: readonly Answer[] = [
  {
    type: "BAD_REQUEST_BODY",
    problem: "not-a-batch",
    detail:
      'Send a JSON object with a non-empty array "records". NaN and Infinity are no JSON: leave such a field out. A compressed body is not read.',
  },
  {
    type: "UNAUTHORIZED",
    problem: "unauthorized",
    detail: "Sign in and send the ID token in the Authorization header.",
  },
  {
    type: "INVALID_API_KEY",
    problem: "invalid-api-key",
    detail: "Send a valid key in the x-api-key header.",
  },
  {
    type: "ACCESS_DENIED",
    problem: "access-denied",
    detail: "Ask for a usage plan that includes this stage.",
  },
  {
    type: "MISSING_AUTHENTICATION_TOKEN",
    problem: "no-such-route",
    detail: "See the API description for the routes.",
  },
  {
    type: "REQUEST_TOO_LARGE",
    problem: "too-large",
    detail: "Send fewer records in one batch.",
  },
  {
    type: "UNSUPPORTED_MEDIA_TYPE",
    problem: "unsupported-media-type",
    detail: "Send application/json.",
  },
  {
    type: "THROTTLED",
    problem: "throttled",
    detail: "Slow down to the rate of your usage plan.",
  },
  {
    type: "QUOTA_EXCEEDED",
    problem: "quota-exhausted",
    detail: "Wait for the next period or ask for a larger plan.",
  },
  {
    type: "INTEGRATION_TIMEOUT",
    problem: "time-out",
    detail: "Try again.",
  },
  {
    type: "INTEGRATION_FAILURE",
    problem: "unavailable",
    detail: "Try again.",
  },
  {
    type: "DEFAULT_5XX",
    problem: "internal-error",
    detail: "Try again; if it stays, report the request id.",
  },
];

/** Makes a gateway response of each row of the table, for one REST API. */
export class GatewayResponses extends Construct {
  /** Changes when any response does, so that the stage is deployed anew. */
  readonly fingerprint: string;
  readonly all: readonly ApiGatewayGatewayResponse[];

  constructor(scope: Construct, id: string, restApiId: string) {
    super(scope, id);
    this.fingerprint = JSON.stringify(ANSWERS.map((answer) => ({ ...answer, ...PROBLEMS[answer.problem] })));
    this.all = ANSWERS.map(({ type, problem, detail }) => {
      const seconds = retryAfterOf(problem);
      return new ApiGatewayGatewayResponse(this, type, {
        restApiId,
        responseType: type,
        statusCode: String(PROBLEMS[problem].status),
        responseParameters: {
          "gatewayresponse.header.Content-Type": `'${PROBLEM_JSON}'`,
          ...(seconds !== undefined && { "gatewayresponse.header.Retry-After": `'${seconds}'` }),
        },
        responseTemplates: {
          "application/json": JSON.stringify(problemDocument(problem, detail, [], "$context.requestId")),
        },
      });
    });
  }
}
