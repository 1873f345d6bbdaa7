/** Going on and back: by the keyboard, by a presenter's remote control (page up and down), and by swiping. */

/** What has a use of its own for the key. */
const OWN_SPACE = "button, a, summary, select, input, textarea, [contenteditable], [role=application]";
const OWN_ARROWS = "select, input, textarea, [contenteditable], [role=application], .scroll";
/** A swipe is at least this long, in pixels, and more along than across. */
const SWIPE = 60;

export type Step = 1 | -1;

/** What a key means where the focus is; nothing for other keys. */
export function stepOf(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">,
  focus: Element | null,
) {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const within = (selector: string) => focus?.closest(selector) != null;
  if (event.key === " ") return within(OWN_SPACE) ? undefined : event.shiftKey ? -1 : 1;
  if (event.key === "PageDown") return 1;
  if (event.key === "PageUp") return -1;
  if (within(OWN_ARROWS)) return undefined;
  if (event.key === "ArrowRight") return 1;
  if (event.key === "ArrowLeft") return -1;
  return undefined;
}

export function listen(go: (by: Step) => void): void {
  document.addEventListener("keydown", (event) => {
    const step = event.defaultPrevented ? undefined : stepOf(event, document.activeElement);
    if (!step) return;
    event.preventDefault();
    go(step);
  });
  let began: Touch | undefined;
  document.addEventListener(
    "touchstart",
    ({ touches, target }) => {
      const own = target instanceof Element && target.closest(`input, [role=application], .scroll`);
      began = touches.length === 1 && !own ? touches[0] : undefined;
    },
    { passive: true },
  );
  document.addEventListener(
    "touchend",
    ({ changedTouches: [ended] }) => {
      if (!began || !ended) return;
      const [x, y] = [ended.clientX - began.clientX, ended.clientY - began.clientY];
      began = undefined;
      if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) go(x < 0 ? 1 : -1);
    },
    { passive: true },
  );
}
