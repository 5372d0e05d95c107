import { endPrevious, knownDelivery, rotate } from "../lib/deliveries";
import { main } from "../lib/main";
import { target } from "../lib/target";

/** Changes the secret by which a webhook's messages are signed. */
main("rotate", async ({ arguments: [operator = "", name = ""], options: { end } }) => {
  const environment = await target();
  const delivery = knownDelivery(environment.config, operator, name);
  if (end) {
    await endPrevious(environment, delivery);
    console.log(`Within a minute, messages to ${operator}/${name} are signed with the current secret alone.`);
  } else {
    console.log(
      `${await rotate(environment, delivery)}\n\n` +
        "This is the new secret, for the receiver alone. Within a minute, messages are signed with it and with the one " +
        `before. Once the receiver has it: npm run rotate -- ${operator} ${name} --end`,
    );
  }
  return undefined;
});
