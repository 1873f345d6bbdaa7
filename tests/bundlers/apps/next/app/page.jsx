// Rendered on the server, where importing toolgen must run nothing.
import { ToolgenError } from "toolgen";
import { Ask } from "./ask-question";

export default function Page() {
  return (
    <main>
      <p id="server">{new ToolgenError("no_tool", "imported on the server").message}</p>
      <Ask />
    </main>
  );
}
