/** The pipeline as a graph, from repositories to the last Stages; only what is looked at is in the page. */
import { memo, type ReactNode, useMemo, useState } from "react";

import type { Whereabouts } from "~/api/explain";
import { Button } from "~/design/Button";
import { Icon } from "~/design/Icon";
import { type Box, curve, type Layout, related } from "~/model/layout";
import { type PipelineView, stageId, warehouseId } from "~/model/pipeline";

import { type Area, useCanvas } from "./canvas";
import styles from "./Graph.module.css";
import { StageCard } from "./StageCard";
import { RepoCard, WarehouseCard } from "./WarehouseCard";

export type Offer = Whereabouts | "loading" | "uninterested" | undefined;

export interface GraphProps {
  view: PipelineView;
  layout: Layout;
  /** Changes when another pipeline is looked at. */
  shape: string;
  offerOf: (stage: string) => Offer;
  onPromote: (stage: string, freight?: string) => void;
}

const isSeen = (box: Box, area: Area): boolean =>
  box.x < area.right && box.x + box.width > area.left && box.y < area.bottom && box.y + box.height > area.top;

/** The box around a line and its ends. */
function around(line: Layout["lines"][number], boxes: Layout["boxes"]): Box {
  const ends = [boxes.get(line.from), boxes.get(line.to)].filter((each) => each !== undefined);
  const [left, top] = [Math.min(...ends.map((each) => each.x)), Math.min(...ends.map((each) => each.y))];
  const [right, bottom] = [Math.max(...ends.map((each) => each.x)), Math.max(...ends.map((each) => each.y + each.height))];
  return { id: "", x: left, y: top, width: right - left, height: bottom - top };
}

const Lines = memo(function Lines({ layout, near, area }: { layout: Layout; near: ReadonlySet<string> | undefined; area: Area }) {
  return (
    <svg className={styles.lines} width={layout.width} height={layout.height} aria-hidden="true">
      {layout.lines.filter((line) => isSeen(around(line, layout.boxes), area)).map((line) => {
        const look = !near ? "" : near.has(line.from) && near.has(line.to) ? styles.near : styles.far;
        return <path key={`${line.from}>${line.to}`} className={`${styles.line} ${look}`} d={curve(line, layout.boxes)} />;
      })}
    </svg>
  );
});

export function Graph({ view, layout, shape, offerOf, onPromote }: GraphProps) {
  const { frame, plane, area, zoom, fit, reveal } = useCanvas(layout.width, layout.height, shape);
  const [over, setOver] = useState<string>();
  const near = useMemo(() => (over && layout.boxes.has(over) ? related(over, view.edges) : undefined), [over, view.edges, layout]);
  const faint = (id: string) => near !== undefined && !near.has(id);

  const draw = (id: string, content: (isFaint: boolean) => ReactNode): ReactNode => {
    const box = layout.boxes.get(id);
    if (!box || !isSeen(box, area)) return null;
    return (
      <div
        key={id}
        className={styles.node}
        style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
        onPointerEnter={(event) => event.pointerType === "mouse" && setOver(id)}
        onPointerLeave={() => setOver(undefined)}
        onFocus={() => reveal(box)}
      >
        {content(faint(id))}
      </div>
    );
  };

  return (
    <div ref={frame} className={styles.frame} role="region" aria-label="Pipeline">
      <div ref={plane} className={styles.plane}>
        <Lines layout={layout} near={near} area={area} />
        {view.repos.map((each) => draw(each.id, (isFaint) => <RepoCard repo={each} faint={isFaint} />))}
        {view.warehouses.map((each) =>
          draw(warehouseId(each.name), (isFaint) => <WarehouseCard project={view.project} warehouse={each} faint={isFaint} />),
        )}
        {view.stages.map((each) =>
          draw(stageId(each.name), (isFaint) => (
            <StageCard project={view.project} stage={each} faint={isFaint} offer={offerOf(each.name)} onPromote={onPromote} />
          )),
        )}
      </div>
      <div className={styles.tools}>
        <Button look="quiet" icon label="Zoom in" onClick={() => zoom(1.25)}>
          <Icon name="plus" />
        </Button>
        <Button look="quiet" icon label="Zoom out" onClick={() => zoom(0.8)}>
          <Icon name="minus" />
        </Button>
        <Button look="quiet" icon label="Fit the pipeline in" onClick={fit}>
          <Icon name="fit" />
        </Button>
      </div>
    </div>
  );
}

/** The same as a list, in the order Freight travels: for narrow screens, and whoever likes it better. */
export function StageList({ view, layout, offerOf, onPromote }: Omit<GraphProps, "shape">) {
  const ordered = useMemo(() => {
    const place = (name: string) => layout.boxes.get(stageId(name)) ?? { x: 0, y: 0 };
    return view.stages.toSorted((left, right) => {
      const [one, other] = [place(left.name), place(right.name)];
      return one.x - other.x || one.y - other.y;
    });
  }, [view.stages, layout]);
  return (
    <ul className={styles.list} aria-label="Pipeline">
      <li className={styles.heading}>Warehouses</li>
      {view.warehouses.map((each) => (
        <li key={each.name} className={styles.low}>
          <WarehouseCard project={view.project} warehouse={each} faint={false} />
        </li>
      ))}
      <li className={styles.heading}>Stages, in the order Freight travels</li>
      {ordered.map((each) => (
        <li key={each.name} className={each.isControlFlow ? styles.low : ""}>
          <StageCard project={view.project} stage={each} faint={false} offer={offerOf(each.name)} onPromote={onPromote} />
        </li>
      ))}
    </ul>
  );
}
