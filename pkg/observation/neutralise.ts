/** Text from elsewhere is data: it can't steer a terminal, hide, or pass for the frame of a chat. */

/** Control characters other than tab and line feed. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Characters without a width, marks of direction and tags; joiners stay, since scripts and emoji need them. */
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
const LINE_END = /\r\n?|[\u2028\u2029]/g;
/** The names in the markers that have no bars: `<s>`, `<tool_call>`, `<start_of_turn>`, `<<SYS>>`, `[INST]`. */
const TAG =
  /<(?=\/?(?:s|bos|eos|pad|unk|think|tools?|tool_\w+|function_\w+|start_of_\w+|end_of_\w+|(?:repo|file|issue|jupyter|gh|empty|fim)_?\w+|SYS)>)/gi;
const BLOCK = /\[(?=\/?(?:INST|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])/g;

/**
 * The text without its control and invisible characters, and with other brackets around markers such
 * as `<|im_start|>` (also with the wide bars that some models have). It never gets longer.
 */
export function neutralise(text: string): string {
  return text
    .replace(LINE_END, "\n")
    .replace(CONTROL, " ")
    .replace(INVISIBLE, "")
    .replace(/[<＜]([|｜])/g, "‹$1")
    .replace(/([|｜])[>＞]/g, "$1›")
    .replace(TAG, "‹")
    .replace(BLOCK, "(");
}
