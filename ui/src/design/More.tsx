/** The end of a list that goes on: fetches the next page when it comes into view. */
import { useEffect, useRef } from "react";

import { Button } from "./Button";
import styles from "./More.module.css";

interface MoreProps {
  busy: boolean;
  onMore: () => void;
}

export function More({ busy, onMore }: MoreProps) {
  const end = useRef<HTMLDivElement>(null);
  const next = useRef(onMore);
  useEffect(() => {
    next.current = onMore;
  });
  useEffect(() => {
    if (!end.current || busy) return undefined;
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((each) => each.isIntersecting)) next.current();
    }, { rootMargin: "400px" });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [busy]);
  return (
    <div ref={end} className={styles.more}>
      <Button look="quiet" disabled={busy} onClick={onMore}>
        {busy ? "Loading more" : "Show more"}
      </Button>
    </div>
  );
}
