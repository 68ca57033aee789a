/** Asks before a resource is deleted, and says what goes with it. */
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

import { path, request } from "~/api/client";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { at } from "~/shell/places";

interface DeletingProps {
  project: string;
  kind: "stage" | "warehouse";
  name: string;
  onClose: () => void;
  /** What deleting it means. */
  children: ReactNode;
}

export function Deleting({ project, kind, name, onClose, children }: DeletingProps) {
  const done = useDone();
  const navigate = useNavigate();
  async function go(): Promise<void> {
    const gone = request(path`/v1beta1/projects/${project}/${`${kind}s`}/${name}`, { method: "DELETE" });
    if (await done(gone, `${name} is deleted`)) await navigate(at.project(project));
  }
  return (
    <Dialog
      title={`Delete ${name}?`}
      onClose={onClose}
      left={<CommandLine command={said.delete(project, kind, name)} />}
      foot={
        <Button look="danger" onClick={() => void go()}>
          Delete
        </Button>
      }
    >
      <p>{children}</p>
    </Dialog>
  );
}
