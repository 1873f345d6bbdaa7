import assert from "node:assert/strict";
import { test } from "node:test";

import { web } from "../../www/tools/web.ts";

test("http_status names the code and its class", () => {
  assert.deepEqual(web.http_status({ code: 404 }), {
    name: "Not Found",
    class: "an error in the request of the browser or app",
  });
  assert.equal(web.http_status({ code: 503 }).name, "Service Unavailable");
  assert.equal(web.http_status({ code: 204 }).class, "success");
  assert.throws(() => web.http_status({ code: 799 }), /not a registered/);
});

test("file_permissions reads the digits of chmod", () => {
  assert.deepEqual(web.file_permissions({ mode: "754" }), {
    symbolic: "rwxr-xr--",
    owner: "read, write, execute",
    group: "read, execute",
    others: "read",
  });
  assert.equal(web.file_permissions({ mode: "600" }).others, "nothing");
  assert.throws(() => web.file_permissions({ mode: "789" }), /three digits from 0 to 7/);
});
