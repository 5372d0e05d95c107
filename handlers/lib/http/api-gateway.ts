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

/** A request to one of several routes of a function. */
export interface RoutedEvent extends ProxyEvent {
  readonly httpMethod: string;
  /** The route's path, with its parameters' names. */
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext: ProxyEvent["requestContext"] & {
    /** Has the claims of the ID token that API Gateway has checked, on routes that want one. */
    readonly authorizer?: { readonly claims?: Readonly<Record<string, string | undefined>> } | null;
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
