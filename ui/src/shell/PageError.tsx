/** A page that broke says so, and the rest stays usable. */
import { useRouteError } from "react-router";

import { Trouble } from "~/design/State";

export function PageError() {
  return <Trouble page error={useRouteError()} retry={() => location.reload()} />;
}
