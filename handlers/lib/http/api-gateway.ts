/** The parts of API Gateway's Lambda proxy integration (REST, payload version 1) that the handlers use. */
export interface ProxyEvent {
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly body: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId: string;
    /** Has the id of the API key that API Gateway has checked, on routes that want one. */
    readonly identity?: { readonly apiKeyId?: string | null };
  };
}

export interface ProxyResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The part of Lambda's context that the handlers use. */
export interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** Header names are case-insensitive, and API Gateway passes them on as the client wrote them. */
export function header(event: ProxyEvent, name: string): string | undefined {
  return Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
