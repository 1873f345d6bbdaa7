/** A button that installs the page as an app, where the browser offers that. Elsewhere its menu may, or nothing does. */
import { make } from "../dom.ts";

/** Not in TypeScript's library, for not every browser has it: https://wicg.github.io/manifest-incubations/ */
interface InstallPrompt extends Event {
  readonly userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
  prompt(): Promise<unknown>;
}

export function offerInstall(place: HTMLElement): void {
  place.tabIndex = -1;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // a phone would lay its own bar over the page
    const button = make("button", { type: "button", className: "plain" }, "Install it as an app");
    button.addEventListener("click", () => void install(event as InstallPrompt, place));
    place.replaceChildren(button);
    place.hidden = false;
  });
  addEventListener("appinstalled", () => say(place, "Installed: it opens like your other apps."));
}

/** The browser asks once for each event. */
async function install(event: InstallPrompt, place: HTMLElement): Promise<void> {
  await event.prompt();
  const { outcome } = await event.userChoice;
  if (outcome === "dismissed") say(place, "Not installed. The browser's menu does it later.");
}

/** The button goes, and the focus stays where it was. */
function say(place: HTMLElement, text: string): void {
  const hadFocus = place.contains(document.activeElement);
  place.textContent = text;
  place.hidden = false;
  if (hadFocus) place.focus();
}
