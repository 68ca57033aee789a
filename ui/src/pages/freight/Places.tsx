/** Where Freight is, was and may go; and for every other Stage, why not. */
import { useState } from "react";
import { Link } from "react-router";

import type { FreightExplanation, Whereabouts } from "~/api/explain";
import { approve } from "~/api/promote";
import { useMay } from "~/api/rights";
import { Chip } from "~/design/Badge";
import { Button, LinkButton } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Panel } from "~/design/Page";
import { Ago } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { mayApprove } from "~/model/whereabouts";
import { Reasons } from "~/pages/promote/Reasons";
import { at } from "~/shell/places";

import styles from "./Freight.module.css";

function State({ place }: { place: Whereabouts }) {
  if (place.state === "here")
    return (
      <>
        <Chip tone="good">here</Chip>
        <span className={styles.small}>
          <Ago time={place.since} />
        </span>
        {place.verifiedAt ? <Chip>verified</Chip> : <Chip tone="busy">not verified yet</Chip>}
      </>
    );
  if (place.state === "was")
    return (
      <>
        <Chip>was here</Chip>
        {place.verifiedAt ? (
          <span className={styles.small}>
            verified <Ago time={place.verifiedAt} />
          </span>
        ) : null}
      </>
    );
  return place.available ? <Chip tone="busy">{place.automatic ? "comes by itself" : "may go here"}</Chip> : <Chip tone="warn">not yet</Chip>;
}

interface PlacesProps {
  project: string;
  told: FreightExplanation;
}

export function Places({ project, told }: PlacesProps) {
  const [asked, setAsked] = useState<string>();
  const done = useDone();
  const allowed = useMay(project);
  const may = (stage: string) => allowed("promote", "stages", stage);
  return (
    <>
      <Panel>
        <ul aria-label="Stages">
          {told.stages.map((place) => (
            <li key={place.stage} className={styles.place}>
              <div>
                <Link to={at.stage(project, place.stage)}>{place.stage}</Link>
                <State place={place} />
              </div>
              <div className={styles.acts}>
                {may(place.stage) && allowed("patch", "freights/status") && mayApprove(place) ? (
                  <Button small onClick={() => setAsked(place.stage)}>
                    Approve
                  </Button>
                ) : null}
                {may(place.stage) && place.available ? (
                  <LinkButton
                    small
                    look={place.state === "available" ? "primary" : "plain"}
                    to={`?promote=${encodeURIComponent(place.stage)}&freight=${told.freight}`}
                  >
                    {place.state === "here" ? "Again" : "Promote"}
                  </LinkButton>
                ) : null}
              </div>
              {place.reasons.length > 0 && place.state !== "here" ? <Reasons reasons={place.reasons} className={styles.why} /> : null}
              {place.state === "available" && place.automaticReasons.length > 0 ? (
                <Reasons reasons={place.automaticReasons.map((each) => ({ ...each, advice: "" }))} className={styles.why} />
              ) : null}
            </li>
          ))}
          {told.stages.length === 0 ? <li className={styles.place}>No Stage asks for Freight of this Warehouse.</li> : null}
        </ul>
      </Panel>
      {told.uninterested.length > 0 ? (
        <p className={styles.small}>
          {told.uninterested.length === 1 ? "One other Stage asks" : `${told.uninterested.length} other Stages ask`} for other Freight only.
        </p>
      ) : null}
      {asked ? (
        <Dialog
          title={`Approve ${told.alias} for ${asked}?`}
          onClose={() => setAsked(undefined)}
          left={<CommandLine command={said.approve(project, told.alias, asked)} />}
          foot={
            <Button
              look="primary"
              onClick={() => {
                void done(approve(project, told.freight, asked), `${told.alias} is approved for ${asked}`);
                setAsked(undefined);
              }}
            >
              Approve
            </Button>
          }
        >
          <p>It may then be promoted there although the Stages before have not verified it. The approval is recorded with your name and stays.</p>
        </Dialog>
      ) : null}
    </>
  );
}
