/** The command of each action of the pages, so that whoever did it here can do it there. */
import { command, quoted } from "./command";

export const said = {
  promote: (project: string, stage: string, alias: string) => command(["promote"], { stage, "freight-alias": alias, wait: true, project }),
  downstream: (project: string, stage: string, alias: string) =>
    command(["promote"], { "downstream-from": stage, "freight-alias": alias, project }),
  rollback: (project: string, stage: string, freight: string | undefined) => command(["rollback", stage], { to: freight, wait: true, project }),
  abort: (project: string, promotion: string) => command(["abort", promotion], { project }),
  approve: (project: string, alias: string, stage: string) => command(["approve"], { "freight-alias": alias, stage, project }),
  refresh: (project: string, kind: "stage" | "warehouse", name: string) => command(["refresh", kind, name], { project }),
  verify: (project: string, stage: string) => command(["verify", "stage", stage], { project }),
  abortVerification: (project: string, stage: string) => command(["verify", "stage", stage], { abort: true, project }),
  rename: (project: string, freight: string, alias: string) =>
    command(["update", "freight"], { name: freight, "new-alias": alias, project }),
  delete: (project: string, kind: "stage" | "warehouse" | "freight", name: string) => command(["delete", kind, name], { project }),
  assemble: (project: string, warehouse: string, parts: readonly string[], alias: string) =>
    [command(["create", "freight"], { warehouse, alias, project }), ...parts.map((each) => `--with ${quoted(each)}`)].join(" "),
  apply: () => command(["apply"], { filename: "-" }),
  edit: (project: string, kind: "stage" | "warehouse", name: string) => command(["get", kind, name], { output: "yaml", project }),
};
