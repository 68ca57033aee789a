/** Events of one Stage. */
import type { Event } from "~/api/event";

const PREFIX = "event.kargo.akuity.io/";

export const actorOf = (event: Event): string | undefined => event.metadata.annotations?.[`${PREFIX}actor`];
export const stageOf = (event: Event): string | undefined =>
  event.metadata.annotations?.[`${PREFIX}stage-name`] ?? (event.involvedObject?.kind === "Stage" ? event.involvedObject.name : undefined);
export const promotionOf = (event: Event): string | undefined =>
  event.metadata.annotations?.[`${PREFIX}promotion-name`] ?? (event.involvedObject?.kind === "Promotion" ? event.involvedObject.name : undefined);
export const freightAliasOf = (event: Event): string | undefined => event.metadata.annotations?.[`${PREFIX}freight-alias`];
export const freightNameOf = (event: Event): string | undefined => event.metadata.annotations?.[`${PREFIX}freight-name`];

/** `PromotionSucceeded` as words. */
export const reasonWords = (reason: string | undefined): string =>
  (reason ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").replace(/^./, (first) => first.toUpperCase()).replace(/ ([A-Z])/g, (_, letter: string) => ` ${letter.toLowerCase()}`);
