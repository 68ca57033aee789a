/** What can be done with a Stage. */
import { useNavigate, useSearchParams } from "react-router";

import { useMay } from "~/api/rights";
import { refreshStage } from "~/api/stage";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem, MenuRule } from "~/design/Menu";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import type { StageView } from "~/model/pipeline";
import { at } from "~/shell/places";

interface StageMenuProps {
  project: string;
  stage: StageView;
  onPromote: (stage: string) => void;
}

export function StageMenu({ project, stage, onPromote }: StageMenuProps) {
  const [, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const done = useDone();
  const { name } = stage;
  const allowed = useMay(project);
  const may = allowed("promote", "stages", name);
  const mayAny = allowed("promote", "stages");
  const why = may ? {} : { title: "Your roles do not let you promote to this Stage" };
  const ask = (what: string) =>
    setSearch((was) => {
      was.set(what, name);
      return was;
    });
  return (
    <Menu look="quiet" small icon label={`Actions of ${name}`} face={<Icon name="more" />}>
      {stage.isControlFlow ? null : (
        <>
          <MenuItem icon="bolt" disabled={!may} {...why} onClick={() => onPromote(name)}>
            Promote…
          </MenuItem>
          <MenuItem icon="back" disabled={!may || stage.freight.length === 0} {...why} onClick={() => ask("rollback")}>
            Roll back…
          </MenuItem>
        </>
      )}
      <MenuItem icon="flow" disabled={!mayAny || (stage.freight.length === 0 && !stage.isControlFlow)} {...(mayAny ? {} : why)} onClick={() => ask("downstream")}>
        Promote downstream…
      </MenuItem>
      <MenuRule />
      <MenuItem
        icon="refresh"
        onClick={() =>
          void done(refreshStage(project, name), `Looks at ${name} again`, said.refresh(project, "stage", name))
        }
      >
        Refresh
      </MenuItem>
      <MenuItem icon="clock" onClick={() => void navigate(at.stage(project, name))}>
        History and details
      </MenuItem>
    </Menu>
  );
}
