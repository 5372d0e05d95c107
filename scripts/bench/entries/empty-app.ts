import { App, TerraformStack } from "cdktf";

/** The floor of synth: what CDKTF and its start cost by themselves. */
const app = new App();
new TerraformStack(app, "empty");
app.synth();
