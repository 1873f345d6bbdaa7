import { main } from "./assistant.js";

void main();
