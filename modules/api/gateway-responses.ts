import { ApiGatewayGatewayResponse } from "@cdktf/provider-aws/lib/api-gateway-gateway-response";
import { Construct } from "constructs";

interface Answer {
  readonly type: string;
  readonly status: string;
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  readonly retryAfterInSeconds?: number;
}

/** What API Gateway itself refuses, as the problem documents of RFC 9457 that the functions also answer with. */
const ANSWERS: readonly Answer[] = [
  {
    type: "BAD_REQUEST_BODY",
    status: "400",
    slug: "not-a-batch",
    title: "The body is not a batch of records",
    detail:
      'Send a JSON object with a non-empty array \\"records\\". NaN and Infinity are no JSON: leave such a field out. A compressed body is not read.',
  },
  {
    type: "UNAUTHORIZED",
    status: "401",
    slug: "unauthorized",
    title: "The token is missing, wrong or too old",
    detail: "Sign in and send the ID token in the Authorization header.",
  },
  {
    type: "INVALID_API_KEY",
    status: "403",
    slug: "invalid-api-key",
    title: "The API key is missing or unknown",
    detail: "Send a valid key in the x-api-key header.",
  },
  {
    type: "ACCESS_DENIED",
    status: "403",
    slug: "access-denied",
    title: "You may not use this method",
    detail: "Ask for a usage plan that includes this stage.",
  },
  {
    type: "MISSING_AUTHENTICATION_TOKEN",
    status: "404",
    slug: "no-such-route",
    title: "There is nothing at this path and method",
    detail: "See the API description for the routes.",
  },
  {
    type: "REQUEST_TOO_LARGE",
    status: "413",
    slug: "too-large",
    title: "The body is too large",
    detail: "Send fewer records in one batch.",
  },
  {
    type: "UNSUPPORTED_MEDIA_TYPE",
    status: "415",
    slug: "unsupported-media-type",
    title: "The content type is not supported",
    detail: "Send application/json.",
  },
  {
    type: "THROTTLED",
    status: "429",
    slug: "throttled",
    title: "Too many requests",
    detail: "Slow down to the rate of your usage plan.",
    retryAfterInSeconds: 1,
  },
  {
    type: "QUOTA_EXCEEDED",
    status: "429",
    slug: "quota-exhausted",
    title: "The quota of the usage plan is exhausted",
    detail: "Wait for the next period or ask for a larger plan.",
    retryAfterInSeconds: 3600,
  },
  {
    type: "INTEGRATION_TIMEOUT",
    status: "503",
    slug: "time-out",
    title: "The answer took too long",
    detail: "Try again.",
    retryAfterInSeconds: 5,
  },
  {
    type: "INTEGRATION_FAILURE",
    status: "503",
    slug: "unavailable",
    title: "The answer is not available",
    detail: "Try again.",
    retryAfterInSeconds: 5,
  },
  {
    type: "DEFAULT_5XX",
    status: "500",
    slug: "internal-error",
    title: "Something went wrong",
    detail: "Try again; if it stays, report the request id.",
    // Among others what Lambda's own limits refuse, which passes.
    retryAfterInSeconds: 5,
  },
];

/** One gateway response per row of the table, for one REST API. */
export class GatewayResponses extends Construct {
  /** Changes when any response does, so that the stage is deployed anew. */
  readonly fingerprint = JSON.stringify(ANSWERS);
  readonly all: readonly ApiGatewayGatewayResponse[];

  constructor(scope: Construct, id: string, restApiId: string) {
    super(scope, id);
    this.all = ANSWERS.map(
      ({ type, status, slug, title, detail, retryAfterInSeconds }) =>
        new ApiGatewayGatewayResponse(this, type, {
          restApiId,
          responseType: type,
          statusCode: status,
          responseParameters: {
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
            ...(retryAfterInSeconds && { "gatewayresponse.header.Retry-After": `'${retryAfterInSeconds}'` }),
          },
          responseTemplates: {
            "application/json":
              `{"type":"urn:vwt:problem:${slug}","title":"${title}","status":${status},"detail":"${detail}",` +
              '"errors":[],"requestId":"$context.requestId"}',
          },
        }),
    );
  }
}
