import { BaseError } from "viem";
import { deployRegistry, nodeOf, ownerOf } from "../lib/chain";
import { allowDelivery, chainsOf, compareDelivery, destroySalt } from "../lib/chain-deliveries";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { target } from "../lib/target";

/** What each action does with its argument; `true` when it found something wrong. */
const ACTIONS: Readonly<Record<string, (argument: string) => Promise<boolean>>> = {
  deploy: async (url) => {
    const owner = ownerOf(process.env);
    const address = await step("Deploy the contract", () => deployRegistry(nodeOf(url), owner));
    console.log(
      `\nThe contract is at ${address}, and ${owner.address} owns it. Put the address into the configuration.`,
    );
    return false;
  },

  allow: async (operatorId) => {
    const environment = await target();
    const owner = ownerOf(process.env);
    for (const delivery of chainsOf(environment.config, operatorId)) {
      const { signer, changed } = await allowDelivery(environment, delivery, owner);
      console.log(
        `${operatorId}/${delivery.name}: ${signer} may write${changed ? "" : ", as before"}. It needs ether.`,
      );
    }
    return false;
  },

  verify: async (operatorId) => {
    const environment = await target();
    let differ = false;
    for (const delivery of chainsOf(environment.config, operatorId)) {
      const { same, forgotten, differences } = await compareDelivery(environment, delivery);
      console.log(
        `${operatorId}/${delivery.name}: the chain has ${same} decisions as the audit log has them` +
          `${forgotten > 0 ? `, ${forgotten} of them under pseudonyms that are forgotten` : ""}.`,
      );
      for (const { entry, auditHash, wrong } of differences) {
        console.log(entry === undefined ? `Record ${auditHash} ${wrong}.` : `Entry ${entry} ${wrong}.`);
      }
      differ ||= differences.length > 0;
    }
    return differ;
  },

  forget: async (operatorId) => {
    const environment = await target();
    for (const delivery of chainsOf(environment.config, operatorId)) {
      await destroySalt(environment, delivery);
      console.log(`${operatorId}/${delivery.name}: nobody can tell whose pseudonyms are on the chain any more.`);
    }
    console.log("\nRecords wait until the next deployment of the operators stack draws another salt.");
    return false;
  },
};

/** Looks after the contract that operators' decisions are recorded in. */
main("chain", async ({ arguments: [action = "", argument = ""] }) => {
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!act) throw new UserError(`Say what to do: ${Object.keys(ACTIONS).join(", ")}, not "${action}".`);
  try {
    return (await act(argument)) ? 1 : undefined;
  } catch (error) {
    // Its whole message has the node's URL.
    if (error instanceof BaseError) throw new UserError(`The chain failed: ${error.shortMessage} ${error.details}`);
    throw error;
  }
});
