/** The lesson's page. */
import { byId } from "./dom.ts";
import { chapters } from "./lesson/chapters.ts";
import { readData } from "./lesson/data.ts";
import { factsOf } from "./lesson/facts.ts";
import { LessonModel } from "./lesson/model.ts";
import { keepLesson } from "./lesson/offline.ts";
import { Lesson } from "./lesson/page.ts";
import { en } from "./lesson/text/en.ts";
import { readMap } from "./map/points.ts";

async function start(): Promise<void> {
  try {
    const map = readMap();
    map.catch(() => {}); // the chapter that shows it says so
    const data = await readData();
    const model = new LessonModel();
    new Lesson(chapters, { words: en, data, facts: factsOf(data.measured), map, model }).start();
    void keepLesson(model, en.page, byId("saved")).catch(() => {});
  } catch (error) {
    byId("failure").hidden = false;
    document.documentElement.dataset.state = "error";
    throw error;
  }
}

void start();
