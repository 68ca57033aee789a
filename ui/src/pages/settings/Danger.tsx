/** What cannot be undone. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { deleteProject } from "~/api/config";
import { Button } from "~/design/Button";
import { TextField } from "~/design/Field";
import { Panel } from "~/design/Page";
import { saidOf } from "~/model/setting";

import { Form, Section } from "./Section";
import styles from "./Settings.module.css";

export function Danger({ project }: { project: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <Section title="Delete" about="What cannot be undone.">
      <Panel className={styles.danger}>
        <div>
          <b>Delete this project</b>
          <p>Its warehouses, stages, freight, history, credentials and roles go with it. What runs goes on running.</p>
        </div>
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete {project}
        </Button>
      </Panel>
      {asking ? <Asking project={project} onClose={() => setAsking(false)} /> : null}
    </Section>
  );
}

function Asking({ project, onClose }: { project: string; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const differs = typed !== project;
  return (
    <Form
      title={`Delete ${project}, and all that is in it?`}
      command={saidOf.delete("project", project)}
      verb="Delete the project"
      danger
      isFaulty={differs}
      onTried={() => setTried(true)}
      send={() => deleteProject(project)}
      onClose={onClose}
      onDone={() => {
        void queries.invalidateQueries({ queryKey: ["projects"] });
        void navigate("/");
      }}
    >
      <p>Write the name of the project to show that you mean it.</p>
      <TextField label="Name of the project" autoFocus value={typed} fault={tried && differs ? `This is not ${project}.` : undefined} onChange={setTyped} />
    </Form>
  );
}
