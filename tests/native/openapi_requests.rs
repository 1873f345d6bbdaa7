//! What of an operation is an argument, and where it goes.

use serde_json::{Value, json};
use toolgen::openapi::{Document, Import, Names, Options, import};
use toolgen::tool::Tool;

fn imported(root: Value, options: &Options) -> Import {
    import(&Document::from_value(root).unwrap(), options, &mut Names::default()).unwrap()
}

/// The tool of a document's only operation.
fn tool(root: Value, options: &Options) -> Tool {
    let import = imported(root, options);
    assert_eq!(import.skipped, []);
    assert_eq!(import.operations.len(), 1);
    import.operations[0].tool.clone()
}

fn document(item: Value) -> Value {
    json!({ "openapi": "3.1.0", "servers": [{ "url": "https://a.example" }], "paths": { "/x": item } })
}

/// A document whose only operation takes this body.
fn with_body(media_type: &str, schema: Value, components: Value) -> Value {
    let body = json!({ "required": true, "content": { media_type: { "schema": schema } } });
    let mut root = document(json!({ "post": { "requestBody": body } }));
    root["components"] = json!({ "schemas": components });
    root
}

fn names(schema: &Value) -> Vec<&str> {
    schema["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_relative_server_follows_the_base() {
    let relative = |servers: Value| json!({ "openapi": "3.0.0", "servers": servers, "paths": { "/x": { "get": {} } } });
    let swagger = json!({ "swagger": "2.0", "basePath": "/v2/", "paths": { "/x": { "get": {} } } });
    for (root, base, url) in [
        (
            relative(json!([{ "url": "/api/v3" }])),
            "https://b.example",
            "https://b.example/api/v3/x",
        ),
        (relative(json!([{ "url": "/" }])), "https://b.example/y/", "https://b.example/y/x"),
        (relative(json!([{ "url": "v1" }])), "https://b.example/y/", "https://b.example/y/v1/x"),
        (
            relative(json!([{ "url": "https://a.example/v9" }])),
            "https://b.example/y",
            "https://b.example/y/x",
        ),
        (relative(json!([])), "https://b.example/y", "https://b.example/y/x"),
        (swagger, "https://b.example", "https://b.example/v2/x"),
    ] {
        let options = Options { base_url: Some(base.into()), ..Options::default() };
        assert_eq!(tool(root, &options).http.unwrap().url, url);
    }
}

#[test]
fn keys_are_no_arguments_and_may_be_fixed() {
    let parameter = |name: &str, place: &str| json!({ "name": name, "in": place, "required": true, "schema": { "type": "string" } });
    let mut root = document(json!({ "get": { "parameters": [
        parameter("port", "query"), parameter("x-api-key", "header"), parameter("token", "query"),
        parameter("Cookie", "header"), parameter("Idempotency-Key", "header"), parameter("session", "cookie"),
        parameter("Tenant", "header") ] } }));
    root["components"]["securitySchemes"] = json!({
        "a": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
        "b": { "type": "apiKey", "in": "query", "name": "token" },
        "c": { "type": "apiKey", "in": "cookie", "name": "session" } });
    let found = tool(root.clone(), &Options::default());
    assert_eq!(names(&found.parameters), ["port", "Tenant"]);

    let fixed = [("token", "a b"), ("Tenant", "t-1")];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let found = tool(root, &Options { fixed, ..Options::default() });
    assert_eq!(names(&found.parameters), ["port"]);
    let http = found.http.unwrap();
    assert_eq!(json!(http.query), json!({ "port": "{port}", "token": "a b" }));
    assert_eq!(json!(http.headers), json!({ "Tenant": "t-1" }));
}

#[test]
fn required_parameters_with_a_default_need_not_be_said() {
    let parameter = |name: &str, place: &str, schema: Value| json!({ "name": name, "in": place, "required": true, "schema": schema });
    let mut root = document(json!({}));
    root["paths"] = json!({ "/v{version}/x": { "get": { "parameters": [
        parameter("version", "path", json!({ "type": "integer", "default": 2 })),
        parameter("limit", "query", json!({ "type": "integer", "minimum": 1, "default": 0 })),
        parameter("topic", "query", json!({ "type": "string" })) ] } } });
    let parameters = tool(root, &Options::default()).parameters;
    assert_eq!(parameters["required"], json!(["limit", "topic"]), "0 is no limit");
    assert_eq!(parameters["properties"]["version"]["default"], 2);
}

#[test]
fn lists_are_written_as_their_dialect_says() {
    let swagger = |format: Value| {
        let mut list = json!({ "name": "ids", "in": "query", "required": true, "type": "array", "minItems": 2, "items": { "type": "integer" } });
        if format.is_string() {
            list["collectionFormat"] = format;
        }
        json!({ "swagger": "2.0", "host": "a.example", "paths": { "/x": { "get": { "parameters": [list] } } } })
    };
    let openapi = |more: Value| {
        let mut list = json!({ "name": "ids", "in": "query", "required": true, "schema": {
            "type": "array", "minItems": 2, "items": { "type": "integer" } } });
        list.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document(json!({ "get": { "parameters": [list] } }))
    };
    for (root, template) in [
        (swagger(Value::Null), "{ids}"),
        (swagger(json!("multi")), "{ids*}"),
        (swagger(json!("pipes")), "{ids|}"),
        (swagger(json!("ssv")), "{ids }"),
        (swagger(json!("tsv")), "{ids\t}"),
        (openapi(json!({})), "{ids*}"),
        (openapi(json!({ "explode": false })), "{ids}"),
        (openapi(json!({ "style": "pipeDelimited", "explode": false })), "{ids|}"),
        (openapi(json!({ "style": "pipeDelimited" })), "{ids|}"),
        (openapi(json!({ "style": "pipeDelimited", "explode": true })), "{ids*}"),
        (openapi(json!({ "style": "spaceDelimited" })), "{ids }"),
    ] {
        let found = tool(root, &Options::default());
        assert_eq!(found.http.unwrap().query["ids"], template);
        assert_eq!(found.parameters["properties"]["ids"]["minItems"], 2);
    }
}

#[test]
fn forms_and_relatives_of_json_are_bodies() {
    let schema = json!({ "type": "object", "required": ["name"], "properties": {
        "name": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } },
        "photo": { "type": "string", "format": "binary" } } });
    for (media_type, header) in [
        ("application/json", None),
        ("application/json; charset=utf-8", None),
        ("application/vnd.github+json", Some("application/vnd.github+json")),
        ("application/x-www-form-urlencoded", Some("application/x-www-form-urlencoded")),
        ("multipart/form-data", Some("multipart/form-data")),
    ] {
        let http = tool(with_body(media_type, schema.clone(), json!({})), &Options::default())
            .http
            .unwrap();
        assert_eq!(http.body, Some(json!({ "name": "{name}", "tags": "{tags}" })), "{media_type}");
        assert_eq!(http.headers.get("content-type").map(String::as_str), header);
    }
    let patch = json!({ "type": "array", "items": { "type": "object", "required": ["op", "path"], "properties": {
        "op": { "enum": ["add", "remove"] }, "path": { "type": "string" }, "value": {} } } });
    let found =
        tool(with_body("application/json-patch+json", patch, json!({})), &Options::default());
    assert_eq!(found.http.unwrap().body, Some(json!("{body}")));

    let field = |name: &str, kind: &str| json!({ "name": name, "in": "formData", "type": kind, "required": kind != "file" });
    let swagger = json!({ "swagger": "2.0", "host": "a.example", "paths": { "/x": { "post": { "parameters": [
        field("name", "string"), field("age", "integer"), field("photo", "file") ] } } } });
    let found = tool(swagger, &Options::default());
    assert_eq!(names(&found.parameters), ["name", "age"]);
    let http = found.http.unwrap();
    assert_eq!(http.body, Some(json!({ "name": "{name}", "age": "{age}" })));
    assert_eq!(http.headers["content-type"], "application/x-www-form-urlencoded");
    // Swagger 2 joins a form's list with commas, unless it says otherwise.
    let list = |format: &str| {
        let mut list = field("tags", "array");
        list["items"] = json!({ "type": "string" });
        list["collectionFormat"] = format.into();
        let root = json!({ "swagger": "2.0", "host": "a.example", "paths": { "/x": { "post": { "parameters": [list] } } } });
        tool(root, &Options::default()).http.unwrap().body.unwrap()["tags"].clone()
    };
    assert_eq!([list("csv"), list("multi"), list("pipes")], ["{tags,}", "{tags*}", "{tags|}"]);
    // A form has no objects.
    let object = json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    let nested =
        json!({ "type": "object", "properties": { "a": object, "c": { "type": "string" } } });
    let import =
        imported(with_body("multipart/form-data", nested.clone(), json!({})), &Options::default());
    assert_eq!(names(&import.operations[0].tool.parameters), ["c"]);
    assert_eq!(import.operations[0].left_out.len(), 1);
    let mut required = nested;
    required["required"] = json!(["a"]);
    let import =
        imported(with_body("multipart/form-data", required, json!({})), &Options::default());
    assert_eq!(import.skipped[0].reason.kind(), "placement");
}

#[test]
fn a_body_that_may_be_left_out_asks_for_nothing() {
    let schema = json!({ "type": "object", "required": ["seconds"], "properties": { "seconds": { "type": "integer" } } });
    let mut root = with_body("application/json", schema, json!({}));
    root["paths"]["/x"]["post"]["requestBody"]["required"] = false.into();
    let parameters = tool(root, &Options::default()).parameters;
    assert_eq!((names(&parameters), parameters.get("required")), (vec!["seconds"], None));
}

#[test]
fn browsers_own_methods_are_no_tools() {
    let root = document(json!({ "get": {}, "head": {}, "options": {} }));
    assert_eq!(tool(root, &Options::default()).http.unwrap().method, "GET");
}

#[test]
fn names_have_letters_of_any_script() {
    let mut root = document(json!({}));
    root["paths"] = json!({ "/a": { "get": { "operationId": "天気を取得" } }, "/b": { "get": { "operationId": "予報を取得" } },
        "/größen": { "get": { "operationId": "größenAuflisten" } } });
    let import = imported(root, &Options::default());
    let names: Vec<&str> = import.operations.iter().map(|o| o.tool.name.as_str()).collect();
    assert_eq!(names, ["天気を取得", "予報を取得", "größen_auflisten"]);
    assert!(Names::default().unique(&"天気".repeat(40)).len() <= 64);
}

#[test]
fn a_subtype_narrows_its_supertype() {
    let components = json!({
        "Payment": { "type": "object", "required": ["kind", "amount"], "properties": {
            "kind": { "type": "string" }, "amount": { "type": "number", "minimum": 0 }, "note": { "type": "string" } } },
        "Card": { "allOf": [{ "$ref": "#/components/schemas/Payment" }, { "type": "object", "properties": {
            "kind": { "enum": ["card"] }, "amount": { "maximum": 500 }, "note": { "maxLength": 20 } } }] } });
    let root =
        with_body("application/json", json!({ "$ref": "#/components/schemas/Card" }), components);
    let found = tool(root, &Options::default());
    assert_eq!(found.http.unwrap().body.unwrap()["kind"], "card");
    assert_eq!(
        found.parameters["properties"],
        json!({
        "amount": { "type": "number", "minimum": 0, "maximum": 500 }, "note": { "type": "string", "maxLength": 20 } })
    );
}

#[test]
fn a_discriminator_tells_the_alternatives_apart() {
    let extends =
        |more: Value| json!({ "allOf": [{ "$ref": "#/components/schemas/Animal" }, more] });
    let mut components = json!({
        "Animal": { "type": "object", "required": ["kind", "name"], "properties": { "kind": { "type": "string" }, "name": { "type": "string" } } },
        "Bird": extends(json!({ "properties": { "wingspan": { "type": "number" } } })),
        "Fish": extends(json!({ "required": ["salt"], "properties": { "salt": { "type": "boolean" } } })) });
    let by = json!({ "propertyName": "kind", "mapping": {
        "bird": "#/components/schemas/Bird", "fish": "#/components/schemas/Fish" } });
    let union = json!({ "oneOf": [{ "$ref": "#/components/schemas/Bird" }, { "$ref": "#/components/schemas/Fish" }], "discriminator": by });
    let found = tool(with_body("application/json", union, components.clone()), &Options::default());
    let parameters = &found.parameters;
    assert_eq!(parameters["properties"]["kind"]["enum"], json!(["bird", "fish"]));
    assert_eq!(parameters["required"], json!(["kind", "name"]));
    let alternatives = parameters["anyOf"].as_array().unwrap();
    assert_eq!(names(&alternatives[0]), ["kind", "name", "wingspan"]);
    assert_eq!(alternatives[1]["properties"]["kind"]["enum"], json!(["fish"]));
    assert_eq!(alternatives[1]["required"], json!(["kind", "name", "salt"]));
    assert_eq!(
        found.http.unwrap().body,
        Some(json!({
        "kind": "{kind}", "name": "{name}", "wingspan": "{wingspan}", "salt": "{salt}" }))
    );

    // Without a mapping it is the schema's name.
    let bare = json!({ "oneOf": [{ "$ref": "#/components/schemas/Bird" }, { "$ref": "#/components/schemas/Fish" }],
        "discriminator": { "propertyName": "kind" } });
    let found = tool(with_body("application/json", bare, components.clone()), &Options::default());
    assert_eq!(found.parameters["properties"]["kind"]["enum"], json!(["Bird", "Fish"]));

    // The supertype's own discriminator names each subtype.
    components["Animal"]["discriminator"] = by;
    let bird =
        with_body("application/json", json!({ "$ref": "#/components/schemas/Bird" }), components);
    assert_eq!(tool(bird, &Options::default()).http.unwrap().body.unwrap()["kind"], "bird");
}

#[test]
fn conditions_of_a_body_hold() {
    let change = json!({ "type": "object", "minProperties": 1, "properties": { "name": { "type": "string" }, "city": { "type": "string" } } });
    let parameters =
        tool(with_body("application/json", change, json!({})), &Options::default()).parameters;
    assert_eq!(parameters["minProperties"], 1);
    let person = json!({ "type": "object", "properties": { "mail": { "type": "string" }, "phone": { "type": "string" } },
        "not": { "required": ["mail", "phone"] }, "anyOf": [{ "required": ["mail"] }, { "required": ["phone"] }] });
    let parameters =
        tool(with_body("application/json", person, json!({})), &Options::default()).parameters;
    let required: Vec<&Value> =
        parameters["anyOf"].as_array().unwrap().iter().map(|one| &one["required"]).collect();
    assert_eq!(required, [&json!(["mail"]), &json!(["phone"])]);
}

#[test]
fn large_yaml_with_anchors_is_read() {
    let mut text = String::from(
        "openapi: 3.0.3\nservers: [{ url: https://a.example }]\nx-page: &page { name: page, in: query, schema: { type: integer } }\npaths:\n",
    );
    for index in 0..150 {
        text +=
            &format!("  /x{index}:\n    get: {{ summary: Lists them., parameters: [*page] }}\n");
    }
    text += "x-more:\n";
    text += &"  - { a: 1 }\n".repeat(100_000);
    let document = Document::parse(&text).unwrap();
    let import = import(&document, &Options::default(), &mut Names::default()).unwrap();
    assert_eq!((import.operations.len(), import.skipped.len()), (150, 0));
}

#[test]
fn optional_parts_that_are_left_out_are_named() {
    let filter = json!({ "name": "filter", "in": "query", "schema": { "type": "object", "properties": { "a": { "type": "string" } } } });
    let sort = json!({ "name": "sort", "in": "query", "schema": { "type": "string", "not": { "pattern": "x" } } });
    let import =
        imported(document(json!({ "get": { "parameters": [filter, sort] } })), &Options::default());
    assert_eq!(
        import.operations[0].left_out,
        [
            "$.paths[\"/x\"].get.parameters[0]: a parameter in query as an object can't be sent",
            "$.paths[\"/x\"].get.parameters[1].schema: has `not`, which is not supported"
        ]
    );
}
