/** NDCG@1 of three methods on sets of different sizes, as their reports in `docs/results` say. */
import snipsBm25 from "../../docs/results/snips/bm25.json" with { type: "json" };
import snipsMinilm from "../../docs/results/snips/minilm.json" with { type: "json" };
import snipsToolgen from "../../docs/results/snips/toolgen.json" with { type: "json" };
import hassBm25 from "../../docs/results/hass/bm25.json" with { type: "json" };
import hassMinilm from "../../docs/results/hass/minilm.json" with { type: "json" };
import hassToolgen from "../../docs/results/hass/toolgen.json" with { type: "json" };
import hwu64Bm25 from "../../docs/results/hwu64/bm25.json" with { type: "json" };
import hwu64Minilm from "../../docs/results/hwu64/minilm.json" with { type: "json" };
import hwu64Toolgen from "../../docs/results/hwu64/toolgen.json" with { type: "json" };
import clinc150Bm25 from "../../docs/results/clinc150/bm25.json" with { type: "json" };
import clinc150Minilm from "../../docs/results/clinc150/minilm.json" with { type: "json" };
import clinc150Toolgen from "../../docs/results/clinc150/toolgen.json" with { type: "json" };
import tooleBm25 from "../../docs/results/toole/bm25.json" with { type: "json" };
import tooleMinilm from "../../docs/results/toole/minilm.json" with { type: "json" };
import tooleToolgen from "../../docs/results/toole/toolgen.json" with { type: "json" };
import thingpediaBm25 from "../../docs/results/thingpedia/bm25.json" with { type: "json" };
import thingpediaMinilm from "../../docs/results/thingpedia/minilm.json" with { type: "json" };
import thingpediaToolgen from "../../docs/results/thingpedia/toolgen.json" with { type: "json" };
import catalogueBm25 from "../../docs/results/catalogue/bm25.json" with { type: "json" };
import catalogueMinilm from "../../docs/results/catalogue/minilm.json" with { type: "json" };
import catalogueToolgen from "../../docs/results/catalogue/toolgen.json" with { type: "json" };
import sealtoolsBm25 from "../../docs/results/sealtools/bm25.json" with { type: "json" };
import sealtoolsMinilm from "../../docs/results/sealtools/minilm.json" with { type: "json" };
import sealtoolsToolgen from "../../docs/results/sealtools/toolgen.json" with { type: "json" };
import openapiBm25 from "../../docs/results/openapi/bm25.json" with { type: "json" };
import openapiToolgen from "../../docs/results/openapi/toolgen.json" with { type: "json" };

export interface Judgement {
  set: string;
  method: string;
  tools: number;
  "ndcg@1": number;
}

export const judgements: readonly Judgement[] = [
  snipsBm25,
  snipsMinilm,
  snipsToolgen,
  hassBm25,
  hassMinilm,
  hassToolgen,
  hwu64Bm25,
  hwu64Minilm,
  hwu64Toolgen,
  clinc150Bm25,
  clinc150Minilm,
  clinc150Toolgen,
  tooleBm25,
  tooleMinilm,
  tooleToolgen,
  thingpediaBm25,
  thingpediaMinilm,
  thingpediaToolgen,
  catalogueBm25,
  catalogueMinilm,
  catalogueToolgen,
  sealtoolsBm25,
  sealtoolsMinilm,
  sealtoolsToolgen,
  openapiBm25,
  openapiToolgen,
];
