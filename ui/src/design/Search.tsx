/** A field to search by, which waits until somebody stops typing. `/` leads to it. */
import { useEffect, useRef, useState } from "react";

import { Icon } from "./Icon";
import styles from "./Search.module.css";

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

const PAUSE = 200;

export function Search({ label, value, onChange }: SearchProps) {
  const [typed, setTyped] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const told = useRef(onChange);
  useEffect(() => {
    told.current = onChange;
  });
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => told.current(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, value]);
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const at = event.target as HTMLElement;
      if (event.key !== "/" || at.closest("input, textarea, select, [contenteditable], dialog")) return;
      event.preventDefault();
      field.current?.focus();
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <div className={styles.search} role="search">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
