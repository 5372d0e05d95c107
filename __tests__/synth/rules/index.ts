import { actionsAreBound } from "./actions-are-bound";
import { bucketForgetsOldVersions } from "./bucket-forgets-old-versions";
import { bucketIsClosed } from "./bucket-is-closed";
import { bucketIsEncrypted } from "./bucket-is-encrypted";
import { bucketIsVersioned } from "./bucket-is-versioned";
import { bucketWantsTls } from "./bucket-wants-tls";
import { functionRunsWhatIsPublished } from "./function-runs-what-is-published";
import { imagesStay } from "./images-stay";
import { keyRotates } from "./key-rotates";
import { logsEnd } from "./logs-end";
import { logsHoldNoBodies } from "./logs-hold-no-bodies";
import { messagesAreEncrypted } from "./messages-are-encrypted";
import { namesFit } from "./names-fit";
import { nothingAccountWide } from "./nothing-account-wide";
import { productionKeepsData } from "./production-keeps-data";
import { providerIsOurs } from "./provider-is-ours";
import { queueKeepsDeadLetters } from "./queue-keeps-dead-letters";
import { rolePolicyComesFirst } from "./role-policy-comes-first";
import type { Rule } from "./rule";
import { sourceFitsItsFunction } from "./source-fits-its-function";
import { stateIsLocked } from "./state-is-locked";
import { tableCanBeRestored } from "./table-can-be-restored";
import { undeliveredIsKept } from "./undelivered-is-kept";

/** Every rule, by the name of its file. */
export const RULES: Readonly<Record<string, Rule>> = {
  "actions-are-bound": actionsAreBound,
  "bucket-forgets-old-versions": bucketForgetsOldVersions,
  "bucket-is-closed": bucketIsClosed,
  "bucket-is-encrypted": bucketIsEncrypted,
  "bucket-is-versioned": bucketIsVersioned,
  "bucket-wants-tls": bucketWantsTls,
  "function-runs-what-is-published": functionRunsWhatIsPublished,
  "images-stay": imagesStay,
  "key-rotates": keyRotates,
  "logs-end": logsEnd,
  "logs-hold-no-bodies": logsHoldNoBodies,
  "messages-are-encrypted": messagesAreEncrypted,
  "names-fit": namesFit,
  "nothing-account-wide": nothingAccountWide,
  "production-keeps-data": productionKeepsData,
  "provider-is-ours": providerIsOurs,
  "queue-keeps-dead-letters": queueKeepsDeadLetters,
  "role-policy-comes-first": rolePolicyComesFirst,
  "source-fits-its-function": sourceFitsItsFunction,
  "state-is-locked": stateIsLocked,
  "table-can-be-restored": tableCanBeRestored,
  "undelivered-is-kept": undeliveredIsKept,
};
