import { DescribeStateMachineCommand, paginateListExecutions } from "@aws-sdk/client-sfn";
import { executionPath, stateMachineArn } from "../../scripts/lib/retraining";
import { testOfAllFiles } from "./setup/all-files";
import { testSystem } from "./setup/system";

interface States {
  readonly [name: string]: {
    readonly ItemProcessor?: { readonly ProcessorConfig: { readonly Mode: string }; readonly States: States };
  };
}

const OUT_OF_REACH = [
  // No account on the emulator has Ground Truth, so a run ends before them.
  "Write labelling manifest",
  "Label with Ground Truth",
  // An endpoint that failed, which can only be deleted, and one that begins to scale in the very moment of the probe.
  "Endpoint not free",
  "Wait to restore",
];

/** Names of the states, those inside of a Map too; a distributed one has executions of its own for them. */
const namesOf = (states: States): string[] =>
  Object.entries(states).flatMap(([name, { ItemProcessor }]) => [
    name,
    ...(ItemProcessor?.ProcessorConfig.Mode === "INLINE" ? namesOf(ItemProcessor.States) : []),
  ]);

testOfAllFiles("the tests before this one have led the main state machine through each of its states", async () => {
  const system = await testSystem();
  const arn = stateMachineArn(system);
  const { definition } = await system.states.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  const entered = new Set<string>();
  for await (const { executions = [] } of paginateListExecutions({ client: system.states }, { stateMachineArn: arn })) {
    for (const { executionArn = "" } of executions) {
      for (const name of await executionPath(system, executionArn)) entered.add(name);
    }
  }
  const { States } = JSON.parse(definition as string) as { States: States };
  expect(
    namesOf(States)
      .filter((name) => !entered.has(name))
      .sort(),
  ).toEqual([...OUT_OF_REACH].sort());
});
