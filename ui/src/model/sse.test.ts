import { expect, test } from "vitest";

import { messages } from "./sse";

test("messages are whole however the stream is cut", () => {
  const text = 'data: {"a":1}\n\n: keepalive\n\nevent: error\ndata: x\ndata: y\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const read = messages();
    expect([...read(text.slice(0, cut)), ...read(text.slice(cut))]).toEqual([
      { event: "message", data: '{"a":1}' },
      { event: "error", data: "x\ny" },
    ]);
  }
});
