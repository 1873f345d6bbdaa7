// Rendered on the server, where importing toolgen runs nothing.
import { ToolgenError } from "toolgen";
import { Assistant } from "./assistant";

export default function Page() {
  return (
    <main>
      <p id="server">{new ToolgenError("no_tool", "imported on the server").message}</p>
      <Assistant />
    </main>
  );
}
