import { ConfigError } from "../../config";
import { UserError } from "./process";

/** Where a command was at work when it failed. */
export interface Place {
  readonly environment: string;
  /** The log of the emulator, for a local environment. */
  readonly log: string;
}

/** An error as sentences see it: of AWS's client, of the system, or of what caused either. */
interface Fault {
  readonly names: readonly string[];
  readonly message: string;
}

interface Sentence {
  readonly when: (fault: Fault) => boolean;
  readonly says: (message: string, place: Place) => string;
}

const named =
  (...names: readonly string[]) =>
  (fault: Fault): boolean =>
    fault.names.some((name) => names.includes(name));

const isLocal = ({ environment }: Place): boolean => environment === "local";
const deployed = (place: Place): string =>
  isLocal(place) ? "npm start" : `VWT_ENVIRONMENT=${place.environment} npm run cdktf -- deploy '*'`;

/**
 * Sentences for faults that are not the framework's; the first that fits is told. The names are the SDK's and Node's.
 */
const SENTENCES: readonly Sentence[] = [
  {
    when: named(
      ...["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"],
      ...["EPIPE", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "TimeoutError"],
    ),
    says: (message, place) =>
      isLocal(place)
        ? `The local system does not answer any more (${message}). Its last words are in ${place.log}; npm start brings it back.`
        : `AWS cannot be reached (${message}). Check the connection, and the region of config/${place.environment}.ts.`,
  },
  {
    when: named(
      ...["CredentialsProviderError", "TokenProviderError", "ExpiredToken", "ExpiredTokenException", "InvalidToken"],
      ...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"],
      ...["SignatureDoesNotMatch", "InvalidSignatureException"],
      ...["MissingAuthenticationToken", "MissingAuthenticationTokenException"],
    ),
    says: (message, place) =>
      isLocal(place)
        ? `The local system does not know this command (${message}). Start it again: npm stop && npm start`
        : `AWS does not accept the credentials (${message}). Sign in, or set AWS_PROFILE.`,
  },
  {
    when: named("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationErrorException"),
    says: (message) => `The credentials may not do this: ${message} Ask for the permission, or sign in as who has it.`,
  },
  {
    when: named("Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "SlowDown"),
    says: (message) => `AWS asks for patience (${message}). Run the command again in a minute.`,
  },
  {
    when: (fault) =>
      named(
        ...["ResourceNotFoundException", "ResourceNotFound", "ParameterNotFound", "NoSuchBucket", "NotFoundException"],
        ...["StateMachineDoesNotExist", "NoSuchEntity"],
      )(fault) ||
      (named("ValidationException")(fault) &&
        /does not exist|could not find|cannot find|not found/i.test(fault.message)),
    says: (message, place) =>
      `${place.environment} is not deployed, or not as this code has it: ${message} Deploy it: ${deployed(place)}`,
  },
  {
    when: named("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EMFILE"),
    says: (message) => `${message}. Make room, or let this user write there, and run the command again.`,
  },
];

/** Collects the names of an error and of what caused it, and the words of the innermost that has any. */
function faultOf(error: unknown): Fault {
  const names: string[] = [];
  const messages: string[] = [];
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    const { code } = at as NodeJS.ErrnoException;
    names.push(at.name, ...(typeof code === "string" ? [code] : []));
    messages.push(at.message);
    // A connection that was tried at several addresses.
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined);
  }
  return { names, message: messages.reverse().find((each) => each !== "") ?? "" };
}

/**
 * Says what is wrong and what to do. There is no stack in it; `VWT_DEBUG=1` prints one, for those who work on the
 * framework.
 */
export function sentenceOf(error: unknown, place: Place): string {
  if (error instanceof UserError || error instanceof ConfigError) return error.message;
  const fault = faultOf(error);
  const found = SENTENCES.find(({ when }) => when(fault));
  const said = fault.message.replace(/\s+/g, " ").trim();
  if (found) return found.says(said, place);
  return `This should not have happened: ${fault.names[0] ?? "Error"}: ${said || String(error)}\nWith VWT_DEBUG=1 the command says where.`;
}
