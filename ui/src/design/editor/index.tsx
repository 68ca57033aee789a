/** The editor of manifests, fetched when it is first shown. */
import { lazy, Suspense } from "react";

import { Loading } from "~/design/State";

import type { YamlEditorProps } from "./YamlEditor";

const Editor = lazy(() => import("./YamlEditor"));

export function YamlEditor(props: YamlEditorProps) {
  return (
    <Suspense fallback={<Loading lines={6} label="Loading the editor" />}>
      <Editor {...props} />
    </Suspense>
  );
}
