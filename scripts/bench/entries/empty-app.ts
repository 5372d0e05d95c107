import { App, TerraformStack } from "cdktf";

/**
 * Synthesizes one stack that holds nothing: the floor of synth, which is what CDKTF and its start cost by themselves.
 */
const app = new App();
new TerraformStack(app, "empty");
app.synth();
