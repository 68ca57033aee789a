/** The dialogs that an address asks for: `?promote=STAGE`, `?rollback=STAGE`, `?downstream=STAGE`, with `freight=NAME`. */
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";

const PromoteDialog = lazy(() => import("./PromoteDialog").then((all) => ({ default: all.PromoteDialog })));
const RollbackDialog = lazy(() => import("./RollbackDialog").then((all) => ({ default: all.RollbackDialog })));
const DownstreamDialog = lazy(() => import("./DownstreamDialog").then((all) => ({ default: all.DownstreamDialog })));

export function Asked({ project }: { project: string }) {
  const [search, setSearch] = useSearchParams();
  const freight = search.get("freight") ?? undefined;
  const close = () =>
    setSearch((was) => {
      for (const each of ["promote", "rollback", "downstream", "freight"]) was.delete(each);
      return was;
    });
  const choose = (name: string | undefined) =>
    setSearch((was) => {
      if (name) was.set("freight", name);
      else was.delete("freight");
      return was;
    });
  const [promote, rollback, downstream] = ["promote", "rollback", "downstream"].map((each) => search.get(each));
  return (
    <Suspense fallback={null}>
      {promote ? (
        <PromoteDialog key={freight ?? ""} project={project} stage={promote} freight={freight} onChoose={choose} onClose={close} />
      ) : rollback ? (
        <RollbackDialog project={project} stage={rollback} onClose={close} />
      ) : downstream ? (
        <DownstreamDialog project={project} stage={downstream} freight={freight} onClose={close} />
      ) : null}
    </Suspense>
  );
}
