import { paginateScan } from "@aws-sdk/client-dynamodb";
import { type Case, casesOf, evaluate } from "../../catalogue/interventions/evaluation";
import { chosenRules } from "../../config/schema/operators";
import { textOf } from "../../handlers/lib/aws/items";
import { toStored } from "../../handlers/lib/interventions/items";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { evaluationTable } from "../lib/evaluation";
import { main } from "../lib/main";
import { target } from "../lib/target";

/** Days after which an intervention is looked at, unless somebody says otherwise. */
const DAYS = 28;

/** Compares the risk of an operator's players before and after interventions. */
main("evaluate", async ({ arguments: [operatorId = ""], options: { days } }) => {
  const { dynamodb: client, naming, config } = await target();
  const rules = operatorRules(new Map(Object.entries(chosenRules(config.operators))))(operatorId);
  const cases: Case[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: naming.of("table", "players"),
      FilterExpression: "#item = :state AND #operatorId = :operator",
      ExpressionAttributeNames: { "#item": "item", "#operatorId": "operatorId" },
      ExpressionAttributeValues: { ":state": { S: "state" }, ":operator": { S: operatorId } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const player = { operatorId, playerId: textOf(item, "playerId") };
      cases.push(...casesOf(toStored(item).log, { rules, player }, days === undefined ? DAYS : Number(days)));
    }
  }
  console.log(evaluationTable(evaluate(cases)));
  return undefined;
});
