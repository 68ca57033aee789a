/** Freight, the newest first: to look through, to choose, to drag into a Stage. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";

import { ArtifactLines } from "~/design/Artifacts";
import { Chip } from "~/design/Badge";
import { Flag } from "~/design/Flag";
import { Icon } from "~/design/Icon";
import { Ago } from "~/design/Time";
import { filtered, type FreightFilter, type FreightView } from "~/model/pipeline";

import { beginDrag, endDrag, FREIGHT_TYPE } from "./drag";
import styles from "./Timeline.module.css";

const WIDTH = 176;
const GAP = 8;

interface TimelineProps {
  freight: readonly FreightView[];
  warehouses: readonly string[];
  filter: FreightFilter;
  onFilter: (filter: FreightFilter) => void;
  chosen: string | undefined;
  onChoose: (freight: string | undefined) => void;
  /** Whether there is a Stage that it may be dragged to. */
  mayPromote: boolean;
  /** What stands at the end of the line above. */
  side: ReactNode;
}

function Filters({ freight, shown, warehouses, filter, onFilter, side }: TimelineProps & { shown: number }) {
  return (
    <div className={styles.bar}>
      <h2>Freight</h2>
      <span className={styles.count}>{shown === freight.length ? freight.length : `${shown} of ${freight.length}`}</span>
      <div className={styles.find}>
        <Icon name="search" size={14} />
        <input
          className={styles.input}
          type="search"
          aria-label="Find Freight by alias, version, commit or message"
          placeholder="Alias, version, commit"
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        />
      </div>
      {warehouses.length > 1 ? (
        <select
          className={styles.select}
          aria-label="Warehouse"
          value={filter.warehouse}
          onChange={(event) => onFilter({ ...filter, warehouse: event.target.value })}
        >
          <option value="">All Warehouses</option>
          {warehouses.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : null}
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={filter.inUse}
          onChange={(event) => onFilter({ ...filter, inUse: event.target.checked })}
        />
        In use
      </label>
      <span style={{ flex: 1 }} />
      {side}
    </div>
  );
}

export function Timeline(props: TimelineProps) {
  const { freight, filter, chosen, onChoose, warehouses, mayPromote } = props;
  const rail = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => filtered(freight, filter), [freight, filter]);
  const virtual = useVirtualizer({
    horizontal: true,
    count: shown.length,
    getScrollElement: () => rail.current,
    estimateSize: () => WIDTH + GAP,
    paddingStart: 16,
    paddingEnd: 16,
    overscan: 4,
    getItemKey: (index) => shown[index]?.name ?? index,
  });
  const at = shown.findIndex((each) => each.name === chosen);
  const [first] = shown;

  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);

  function press(event: React.KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") onChoose(undefined);
    if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      onChoose(shown.at(event.key === "Home" ? 0 : -1)?.name);
    }
    if (!step) return;
    event.preventDefault();
    onChoose(shown[Math.min(shown.length - 1, Math.max(0, at + step))]?.name);
  }

  return (
    <section aria-label="Freight">
      <Filters {...props} shown={shown.length} />
      {shown.length === 0 ? (
        <p className={styles.none}>
          {freight.length > 0
            ? "No Freight is like that."
            : warehouses.length > 0
              ? "No Freight yet. It comes when a Warehouse has found something of each of its subscriptions."
              : "No Freight yet, and no Warehouse that would find any."}
        </p>
      ) : (
        <div ref={rail} className={styles.rail}>
          <div
            className={styles.inner}
            style={{ width: virtual.getTotalSize() }}
            role="listbox"
            aria-orientation="horizontal"
            aria-label="Freight, the newest first"
            tabIndex={0}
            aria-activedescendant={at >= 0 ? `freight-${chosen}` : undefined}
            onKeyDown={press}
          >
            {virtual.getVirtualItems().map((item) => {
              const each = shown[item.index];
              if (!each) return null;
              return (
                <div
                  key={item.key}
                  id={`freight-${each.name}`}
                  role="option"
                  aria-selected={each.name === chosen}
                  draggable={mayPromote}
                  className={styles.item}
                  style={{ transform: `translateX(${item.start}px)` }}
                  onClick={() => onChoose(each.name === chosen ? undefined : each.name)}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(FREIGHT_TYPE, each.name);
                    event.dataTransfer.effectAllowed = "link";
                    beginDrag(() => onChoose(each.name));
                  }}
                  onDragEnd={endDrag}
                >
                  <FreightFace freight={each} newest={each === first && !filter.text} />
                </div>
              );
            })}
          </div>
        </div>
      )}
    </section>
  );
}

function FreightFace({ freight, newest }: { freight: FreightView; newest: boolean }) {
  const [where, ...more] = freight.stages;
  return (
    <>
      <span className={styles.top}>
        <Flag of={freight.name} />
        <span className="truncate">{freight.alias}</span>
      </span>
      <ArtifactLines lines={freight.artifacts} />
      <span className={styles.where}>
        {where ? (
          <Chip tone="good">
            <span className="truncate">{where}</span>
            {more.length > 0 ? `+${more.length}` : ""}
          </Chip>
        ) : newest ? (
          <Chip tone="busy">newest</Chip>
        ) : null}
        <span className={styles.when} style={{ marginLeft: "auto" }}>
          <Ago time={freight.createdAt} every={30} />
        </span>
      </span>
    </>
  );
}
