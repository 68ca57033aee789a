/** Writes the `argosy` command of an action, quoted for a shell. */

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

export const quoted = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

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
