/** A message of a batch that Lambda took from a queue. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Tells Lambda which messages of a batch are to be delivered again; it removes the others from the queue. */
export interface BatchReply {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export const deliverAgain = (messages: readonly Message[]): BatchReply => ({
  batchItemFailures: messages.map(({ messageId }) => ({ itemIdentifier: messageId })),
});
