import { knownDelivery, redrive } from "../lib/deliveries";
import { main } from "../lib/main";
import { step } from "../lib/progress";
import { target } from "../lib/target";

/** Delivers the dead letters of an operator's delivery again. */
main("redrive", async ({ arguments: [operator = "", name = ""] }) => {
  const environment = await target();
  const delivery = knownDelivery(environment.config, operator, name);
  const moved = await step(`Redrive ${operator}/${name}`, () => redrive(environment, delivery));
  console.log(
    moved === undefined
      ? "\nSQS goes on with it; npm run status shows what is left."
      : `\n${moved} messages wait to be delivered again. Those that the operator has are not sent twice.`,
  );
  return undefined;
});
