/** Lists that come in pages, and change while they are looked at. */
import type { Change } from "~/api/watch";
import type { List, Resource } from "~/api/types";

export interface Paged<T> {
  pages: List<T>[];
  pageParams: unknown[];
}

const same = (left: Resource, right: Resource): boolean =>
  left.metadata.name === right.metadata.name && left.metadata.namespace === right.metadata.namespace;

/** The lists with a change made to them: what was there is replaced or goes; what is new comes in by `place`. */
export function changed<T extends Resource>(
  lists: Paged<T>,
  { type, object }: Change<T>,
  place: (pages: List<T>[], object: T) => List<T>[],
): Paged<T> {
  let found = false;
  const pages = lists.pages.map((page) => {
    const at = page.items.findIndex((each) => same(each, object));
    if (at < 0) return page;
    found = true;
    const items = type === "DELETED" ? page.items.toSpliced(at, 1) : page.items.with(at, object);
    return { ...page, items };
  });
  if (found) return { ...lists, pages };
  return type === "DELETED" ? lists : { ...lists, pages: place(lists.pages, object) };
}

/** Where something new belongs in lists by name; beyond what was fetched, it comes with its page. */
export function byName<T extends Resource>(pages: List<T>[], object: T): List<T>[] {
  const { name } = object.metadata;
  const at = pages.findIndex((page, index) => {
    const last = page.items.at(-1)?.metadata.name ?? "";
    return name < last || (index === pages.length - 1 && !page.metadata?.continue);
  });
  return pages.map((page, index) => {
    if (index !== at) return page;
    const before = page.items.findIndex((each) => each.metadata.name > name);
    return { ...page, items: page.items.toSpliced(before < 0 ? page.items.length : before, 0, object) };
  });
}

/** The newest come first, wherever they come from. */
export function atTop<T extends Resource>(pages: List<T>[], object: T): List<T>[] {
  const [first, ...rest] = pages;
  return first ? [{ ...first, items: [object, ...first.items] }, ...rest] : pages;
}
