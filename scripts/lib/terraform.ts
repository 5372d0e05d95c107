import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { local } from "./paths";

/** Folders in which Terraform itself would look for providers without any configuration. */
const IMPLIED_MIRRORS = [
  join(homedir(), ".terraform.d", "plugins"),
  join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "terraform", "plugins"),
  "/usr/local/share/terraform/plugins",
  "/usr/share/terraform/plugins",
];

/** Folders one level above those where administrators put such folders. */
const USUAL_PREFIXES = ["/opt", "/usr/local/share"];

const subfolders = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((each) => each.isDirectory() || each.isSymbolicLink())
      .map(({ name }) => join(folder, name));
  } catch {
    return []; // It does not exist, or is not ours to read.
  }
};

/** A mirror's layout is `<mirror>/<registry host>/<namespace>/<type>/…`. */
const isMirror = (folder: string): boolean =>
  subfolders(folder).some((host) => existsSync(join(host, "hashicorp", "aws")));

/**
 * A folder on this machine that holds the AWS provider: what `VWT_PROVIDER_MIRROR` names, else one of Terraform's
 * implied mirrors, else one in the usual places. `undefined`: use the public registry.
 */
export function findProviderMirror(): string | undefined {
  const candidates = [
    ...(process.env.VWT_PROVIDER_MIRROR ? [process.env.VWT_PROVIDER_MIRROR] : []),
    ...IMPLIED_MIRRORS,
    ...USUAL_PREFIXES.flatMap(subfolders),
  ];
  return candidates.find(isMirror);
}

export interface TerraformSetup {
  readonly env: Readonly<Record<string, string>>;
  /** Where providers come from, for people. */
  readonly source: string;
}

/**
 * Terraform and its provider are Go programs that read schemas of a thousand resources and end soon: to collect garbage
 * before they have a gigabyte of it costs a quarter of their time.
 */
const COLLECT_LATE = { GOGC: "off", GOMEMLIMIT: "1GiB" };

/** Settings under which Terraform finds its provider. A configuration file of the user's own is left in charge. */
export function terraformSetup(): TerraformSetup {
  const env = { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...COLLECT_LATE };
  const own = process.env.TF_CLI_CONFIG_FILE;
  if (own && existsSync(own)) return { env, source: own };
  const mirror = findProviderMirror();
  const file = local("terraform.rc");
  const cache = local("provider-cache");
  mkdirSync(mirror ? dirname(file) : cache, { recursive: true });
  const wanted = mirror
    ? `provider_installation {\n  filesystem_mirror {\n    path    = ${JSON.stringify(mirror)}\n    include = ["hashicorp/aws"]\n  }\n` +
      '  direct {\n    exclude = ["hashicorp/aws"]\n  }\n}\n'
    : `plugin_cache_dir = ${JSON.stringify(cache)}\nplugin_cache_may_break_dependency_lock_file = true\n`;
  // Another command's Terraform may be about to read it.
  if (!existsSync(file) || readFileSync(file, "utf8") !== wanted) writeFileSync(file, wanted);
  return {
    env: { ...env, TF_CLI_CONFIG_FILE: file },
    source: mirror ?? "the public registry",
  };
}
