/** All Projects. */
import { Link } from "react-router";

import { useProjects } from "~/api/project";
import { Empty, Loading, Trouble } from "~/design/State";
import { at } from "~/shell/places";

export default function ProjectsPage() {
  const found = useProjects({ pageSize: 100 });
  if (found.error) return <Trouble error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  if (found.data.items.length === 0) return <Empty title="No projects yet" />;
  return (
    <ul>
      {found.data.items.map(({ metadata: { name } }) => (
        <li key={name}>
          <Link to={at.project(name)}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}
