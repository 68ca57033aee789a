/** What becomes of a new pipeline: told as it happens, until the first version has arrived. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { path, request } from "~/api/client";
import type { List, Stage, Warehouse } from "~/api/types";
import { StateDot } from "~/design/Badge";
import { LinkButton } from "~/design/Button";
import { Panel } from "~/design/Page";
import { type Line, stageLines, warehouseLine } from "~/model/arrival";
import { at } from "~/shell/places";

import styles from "./Create.module.css";

const EVERY = 1_500;

export function Done({ project }: { project: string }) {
  const asked = { query: { limit: 100 } };
  const found = useQuery({
    queryKey: ["arrival", project],
    queryFn: async ({ signal }) => {
      const [warehouses, stages] = await Promise.all([
        request<List<Warehouse>>(path`/v1beta1/projects/${project}/warehouses`, { ...asked, signal }),
        request<List<Stage>>(path`/v1beta1/projects/${project}/stages`, { ...asked, signal }),
      ]);
      return { warehouses: warehouses.items, stages: stages.items };
    },
    refetchInterval: EVERY,
  });
  const lines: Line[] = [
    { mark: { tone: "good", word: "Done" }, name: project, text: "The project is there." },
    ...(found.data?.warehouses ?? []).map((each) => warehouseLine(each, at.warehouse(project, each.metadata.name))),
    ...stageLines(found.data?.stages ?? [], (name) => at.promotion(project, name)),
  ];
  return (
    <>
      <Panel>
        <ul className={styles.arrival} aria-label="What happens now">
          {lines.map((each) => (
            <li key={each.name + each.mark.word}>
              <StateDot mark={each.mark} wordless />
              <b>{each.name}</b>
              <span className={each.mark.tone === "bad" ? styles.fault : ""}>
                {each.text.replace(/[^.…]$/, "$&.")} {each.to ? <Link to={each.to}>See why</Link> : null}
              </span>
            </li>
          ))}
        </ul>
      </Panel>
      <div className={styles.foot}>
        <LinkButton look="primary" to={at.project(project)}>
          Open the pipeline
        </LinkButton>
      </div>
    </>
  );
}
