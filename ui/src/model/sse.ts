/** Reads Server-Sent Events from pieces of a stream, however they are cut. */

export interface Message {
  event: string;
  data: string;
}

/** A reader: give it pieces as they come, get the messages that have become whole. */
export function messages(): (piece: string) => Message[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap(message);
  };
}

function message(block: string): Message[] {
  const told: Message = { event: "message", data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(\w+):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") data.push(value);
    else if (name === "event") told.event = value;
  }
  return data.length > 0 ? [{ ...told, data: data.join("\n") }] : [];
}
