/** Fields of forms: each with its label, what to write, and what is wrong with what was written. */
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";

import styles from "./Field.module.css";

interface Frame {
  label: ReactNode;
  /** The label is only for those who do not see the form. */
  bare?: boolean | undefined;
  hint?: ReactNode;
  fault?: string | undefined;
  optional?: boolean | undefined;
}

interface Ids {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

function Field({ label, bare, hint, fault, optional, children }: Frame & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const told = [hint && !fault ? `${id}h` : "", fault ? `${id}f` : ""].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={bare ? "visually-hidden" : styles.label}>
        {label}
        {optional ? <span className={styles.optional}> optional</span> : null}
      </label>
      {children({ id, "aria-describedby": told || undefined, "aria-invalid": fault ? true : undefined })}
      {fault ? (
        <p id={`${id}f`} className={styles.fault}>
          {fault}
        </p>
      ) : hint ? (
        <p id={`${id}h`} className={styles.hint}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export type TextProps = Frame & { mono?: boolean } & Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> & {
    value: string;
    onChange: (value: string) => void;
  };

export function TextField({ label, bare, hint, fault, optional, mono, onChange, className = "", ...rest }: TextProps) {
  return (
    <Field {...{ label, bare, hint, fault, optional }}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...ids}
          data-focus={rest.autoFocus}
          className={`${styles.input} ${mono ? styles.mono : ""} ${className}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

type AreaProps = Frame & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange"> & { value: string; onChange: (value: string) => void };

export function AreaField({ label, bare, hint, fault, optional, onChange, ...rest }: AreaProps) {
  return (
    <Field {...{ label, bare, hint, fault, optional }}>
      {(ids) => (
        <textarea
          rows={3}
          spellCheck={false}
          {...rest}
          {...ids}
          className={`${styles.input} ${styles.area} ${styles.mono}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

type SelectProps = Frame & Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> & {
    value: string;
    options: readonly (readonly [value: string, name: string])[];
    onChange: (value: string) => void;
  };

export function SelectField({ label, bare, hint, fault, optional, options, onChange, ...rest }: SelectProps) {
  return (
    <Field {...{ label, bare, hint, fault, optional }}>
      {(ids) => (
        <select {...rest} {...ids} className={`${styles.input} ${styles.select}`} onChange={(event) => onChange(event.target.value)}>
          {options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface TickProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  children: ReactNode;
}

export function Tick({ checked, onChange, hint, children }: TickProps) {
  return (
    <label className={styles.tick}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {children}
        {hint ? <span className={styles.hint}>{hint}</span> : null}
      </span>
    </label>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; name: string; about: ReactNode }[];
  fault?: string | undefined;
  onChange: (value: T) => void;
}

/** One of a few, each with what it means. */
export function Choice<T extends string>({ label, value, options, fault, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.choice} aria-describedby={fault ? `${name}f` : undefined}>
      <legend className={styles.label}>{label}</legend>
      <div className={styles.cards}>
        {options.map((each) => (
          <label key={each.value} className={styles.card}>
            <input type="radio" name={name} value={each.value} checked={each.value === value} onChange={() => onChange(each.value)} />
            <span>
              <span className={styles.name}>{each.name}</span>
              <span className={styles.hint}>{each.about}</span>
            </span>
          </label>
        ))}
      </div>
      {fault ? (
        <p id={`${name}f`} className={styles.fault}>
          {fault}
        </p>
      ) : null}
    </fieldset>
  );
}
