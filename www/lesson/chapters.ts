/** The lesson's chapters, in their order. */
import { call } from "./01-call.ts";
import { prompt } from "./02-prompt.ts";
import { token } from "./03-token.ts";
import { memorization } from "./04-memorization.ts";
import { retrieval } from "./05-retrieval.ts";
import { agent } from "./06-agent.ts";
import { constrained } from "./07-constrained.ts";
import { judging } from "./08-judging.ts";
import type { Chapter } from "./chapter.ts";

export const chapters: readonly Chapter[] = [call, prompt, token, memorization, retrieval, agent, constrained, judging];
