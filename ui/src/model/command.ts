/** Writes the `argosy` command of an action, quoted for a shell. */

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

export const quoted = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A command with what it reads, as a shell takes it. */
export function withInput(command: string, input: string): string {
  const lines = new Set(input.split("\n"));
  let end = "EOF";
  while (lines.has(end)) end += "F";
  return `${command} <<'${end}'\n${input}${input.endsWith("\n") ? "" : "\n"}${end}\n`;
}

/** `argosy VERB... --name value`; options without a value are left out, `true` gives the bare flag. */
export function command(
  words: readonly string[],
  options: Readonly<Record<string, string | boolean | undefined>> = {},
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === "") return [];
    return value === true ? [`--${name}`] : [`--${name}`, quoted(value)];
  });
  return ["argosy", ...words.map(quoted), ...flags].join(" ");
}
