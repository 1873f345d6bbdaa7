/** The lesson's page. */
import { byId } from "./dom.ts";
import { chapters } from "./lesson/chapters.ts";
import { readData } from "./lesson/data.ts";
import { factsOf } from "./lesson/facts.ts";
import { LessonModel } from "./lesson/model.ts";
import { Lesson } from "./lesson/page.ts";
import { en } from "./lesson/text/en.ts";

async function start(): Promise<void> {
  try {
    const data = await readData();
    const context = { words: en, data, facts: factsOf(data.measured) };
    new Lesson(chapters, context, new LessonModel()).start();
  } catch (error) {
    byId("failure").hidden = false;
    document.documentElement.dataset.state = "error";
    throw error;
  }
}

void start();
