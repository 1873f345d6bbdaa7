/** The lesson without a network: its pages are kept from the first visit on, the model once a task has loaded it. */
import type { LessonModel } from "./model.ts";
import type { Words } from "./text/en.ts";

/** Says in `place` how much of it is saved; nothing where this browser keeps nothing. */
export async function keepLesson(model: LessonModel, words: Words["page"], place: HTMLElement): Promise<void> {
  // After the lesson, so that it is no slower for it.
  const { isModelSaved, save } = await import("../offline/page.ts");
  const tell = async () => {
    place.textContent = (await isModelSaved()) ? words.savedWithModel : words.saved;
    place.hidden = false;
  };
  if (!(await save())) return;
  await tell();
  const toolgen = await model.loaded;
  if (await save(await toolgen.device())) await tell();
}
