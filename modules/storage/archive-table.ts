import { GlueCatalogDatabase } from "@cdktf/provider-aws/lib/glue-catalog-database";
import { GlueCatalogTable } from "@cdktf/provider-aws/lib/glue-catalog-table";
import { Construct } from "constructs";
import { ARCHIVE_COLUMNS, PROJECTED_DAYS } from "../../contracts/archive";
import { BaseStack } from "../base/base-stack";
import type { PrivateBucket } from "./private-bucket";

/** The first day of any archive. */
const FIRST_DAY = "2026-11-01";

/**
 * Makes the table by which Athena reads operators' archives. Its partitions are computed, so nobody adds them, and a
 * query must name its operator: it reads that operator's folder, and the rights of who asks decide on the rest.
 */
export class ArchiveTable extends Construct {
  constructor(scope: Construct, id: string, bucket: PrivateBucket) {
    super(scope, id);
    const { naming, project, environment } = BaseStack.of(this);
    const database = new GlueCatalogDatabase(this, "database", {
      name: naming.database("archive"),
      description: `Archives of the operators of ${project} ${environment}`,
    });
    const location = `s3://${bucket.name}/`;
    new GlueCatalogTable(this, "table", {
      databaseName: database.name,
      name: "events",
      description: "Predictions and decisions, an event a row",
      tableType: "EXTERNAL_TABLE",
      partitionKeys: [
        { name: "operator", type: "string" },
        { name: "day", type: "string", comment: "In UTC, on which the event came to the archive" },
      ],
      parameters: {
        classification: "json",
        compressionType: "gzip",
        "projection.enabled": "true",
        "projection.operator.type": "injected",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": `${FIRST_DAY},NOW`,
        // Athena's placeholders look like references of Terraform, which takes them as they are when doubled.
        "storage.location.template": location + PROJECTED_DAYS.replaceAll("${", () => "$${"),
      },
      storageDescriptor: {
        location,
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        compressed: true,
        columns: ARCHIVE_COLUMNS.map(({ name, type }) => ({ name, type })),
        serDeInfo: {
          serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
          parameters: Object.fromEntries(
            ARCHIVE_COLUMNS.flatMap(({ name, from }) => (from === undefined ? [] : [[`mapping.${name}`, from]])),
          ),
        },
      },
    });
  }
}
