/** The pipeline of a Project. */
import { useParams } from "react-router";

export default function PipelinePage() {
  const { project = "" } = useParams();
  return <h1>{project}</h1>;
}
