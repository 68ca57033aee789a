/** Parts of a page, of which one is shown; which one is in the address. */
import { Link, useSearchParams } from "react-router";

import styles from "./Tabs.module.css";

interface TabsProps<T extends string> {
  label: string;
  tabs: readonly (readonly [T, string])[];
  chosen: T;
}

export function Tabs<T extends string>({ label, tabs, chosen }: TabsProps<T>) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map(([id, name], index) => (
        <Link key={id} replace to={index === 0 ? "?" : `?tab=${id}`} aria-current={id === chosen ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** The tab that the address names; the first by default. */
export function useTab<T extends string>(tabs: readonly (readonly [T, string])[]): T {
  const wanted = useSearchParams()[0].get("tab");
  const found = tabs.find(([id]) => id === wanted) ?? tabs[0];
  return (found?.[0] ?? "") as T;
}
