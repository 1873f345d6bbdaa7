//! A request's body: JSON or a form, whose fields become arguments.
//!
//! Sources: Request Body Object and Media Type Object (OpenAPI 3.1, sections 4.8.13 and 4.8.14); `formData` of Swagger 2.

use serde_json::{Map, Value, json};

use super::Reason;
use super::parameter::{is_required, list_mark, literal};
use super::request::Builder;
use crate::schema::alternatives;

/// Forms, in the order in which they are taken; the executor knows them by their type.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "multipart/form-data"];

impl Builder<'_> {
    pub(super) fn request_body(&mut self, body: &Value, at: &str) -> Result<(), Reason> {
        let body = self.document.object(body, at)?;
        let required = body.get("required") == Some(&Value::Bool(true));
        let content = match body.get("content") {
            Some(Value::Object(content)) if !content.is_empty() => content,
            _ => return Ok(()),
        };
        let of_type = |wanted: &dyn Fn(&str) -> bool| {
            content.iter().find(|(name, _)| wanted(essence(name).as_str()))
        };
        let json = of_type(&|name| name == "application/json").or_else(|| of_type(&is_json));
        let form = || FORMS.iter().find_map(|form| of_type(&|name| name == *form));
        let Some((media_type, media)) = json.or_else(form) else {
            let media_type = content.keys().next().cloned().unwrap_or_default();
            return Err(Reason::BodyType { media_type });
        };
        let at = format!("{at}.content[\"{media_type}\"]");
        match self.body(self.document.object(media, &at)?, media_type, required, &at) {
            Err(reason) if required => return Err(reason),
            Err(reason) => self.narrower.left_out.push(reason.to_string()),
            Ok(()) => {}
        }
        Ok(())
    }

    /// The body of `holder.schema`: an object's properties become parameters, anything else is one.
    pub(super) fn body(
        &mut self,
        holder: &Map<String, Value>,
        media_type: &str,
        required: bool,
        at: &str,
    ) -> Result<(), Reason> {
        if matches!(self.http.method.as_str(), "GET" | "HEAD") {
            let place = format!("the body of a {} request", self.http.method);
            return Err(Reason::Placement { at: at.into(), place });
        }
        let schema = holder.get("schema").unwrap_or(&Value::Bool(true));
        let schema = self.narrower.narrow(schema, &format!("{at}.schema"))?;
        let is_form = FORMS.contains(&essence(media_type).as_str());
        let mut objects = alternatives(&schema).to_vec();
        let names = objects.iter().filter_map(|one| one["properties"].as_object()).flatten();
        if names.clone().any(|(name, _)| name.is_empty() || name.contains(['{', '}'])) {
            let place = "a body with braces in its names".into();
            return Err(Reason::Placement { at: at.into(), place });
        }
        if is_form {
            for object in &mut objects {
                self.leave_out_objects(object, at)?;
            }
        }
        self.http.body = Some(if objects.iter().any(|one| one["properties"].is_null()) {
            if is_form {
                let place = "a form without fields".into();
                return Err(Reason::Placement { at: at.into(), place });
            }
            format!("{{{}}}", self.property("body", "request", schema, required)).into()
        } else if let [object] = objects.as_slice() {
            self.fields(object, required)
        } else {
            self.fields_of_alternatives(&objects, required)
        });
        let is_said = essence(media_type) == "application/json" || media_type.contains('*');
        if !is_said {
            self.http.headers.insert("content-type".into(), media_type.into());
        }
        Ok(())
    }

    /// A form has texts and lists of them: of its fields, objects are left out where they are optional.
    fn leave_out_objects(&mut self, form: &mut Value, at: &str) -> Result<(), Reason> {
        let required = form["required"].as_array().cloned().unwrap_or_default();
        let is_object =
            |field: &Value| alternatives(field).iter().any(|one| one["type"] == "object");
        let is_nested = |field: &Value| is_object(field) || is_object(&field["items"]);
        let Some(fields) = form.get_mut("properties").and_then(Value::as_object_mut) else {
            return Ok(());
        };
        let nested = fields.iter().filter(|(_, field)| is_nested(field));
        for name in nested.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            let place = format!("a form as an object, `{name}`");
            let reason = Reason::Placement { at: at.into(), place };
            if required.iter().any(|own| *own == name.as_str()) {
                return Err(reason);
            }
            self.narrower.left_out.push(reason.to_string());
            fields.shift_remove(&name);
        }
        if fields.is_empty() {
            let place = "a form of objects alone".into();
            return Err(Reason::Placement { at: at.into(), place });
        }
        Ok(())
    }

    /// An object's properties as arguments. Those of a body that may be left out are all optional.
    fn fields(&mut self, object: &Value, body_is_required: bool) -> Value {
        let properties = object["properties"].as_object().cloned().unwrap_or_default();
        let listed = object["required"].as_array().cloned().unwrap_or_default();
        let mut body = Map::new();
        for (name, property) in properties {
            let required = body_is_required && listed.iter().any(|own| *own == name.as_str());
            let value = match (self.options.fixed.get(&name), literal(&property)) {
                (Some(fixed), _) => fixed.as_str().into(),
                (None, Some(_)) if required => property["enum"][0].clone(),
                _ => format!("{{{}}}", self.property(&name, "body", property, required)).into(),
            };
            body.insert(name, value);
        }
        if body_is_required && listed.is_empty() {
            self.least = object["minProperties"].as_u64().unwrap_or(0);
        }
        Value::Object(body)
    }

    /// The properties of all alternatives as the body; which of them go together, the arguments' schema says.
    fn fields_of_alternatives(&mut self, objects: &[Value], body_is_required: bool) -> Value {
        let mut body = Map::new();
        let mut renamed: Map<String, Value> = Map::new();
        for object in objects {
            let mut own = object.clone();
            own["properties"] = json!({});
            let properties = object["properties"].as_object().into_iter().flatten();
            for (name, property) in properties {
                let argument = match renamed.get(name).and_then(Value::as_str) {
                    Some(argument) => argument.to_owned(),
                    None => self.free_name(name, "body"),
                };
                renamed.insert(name.clone(), argument.as_str().into());
                body.insert(name.clone(), format!("{{{argument}}}").into());
                own["properties"][argument] = property.clone();
            }
            let listed = object["required"].as_array().into_iter().flatten();
            let listed = listed.filter_map(|name| renamed.get(name.as_str()?).cloned());
            own["required"] = listed.filter(|_| body_is_required).collect();
            if let Value::Object(own) = &mut own {
                own.shift_remove("additionalProperties");
            }
            self.alternatives.push(own);
        }
        Value::Object(body)
    }

    /// A field of Swagger 2's forms.
    pub(super) fn field(
        &mut self,
        parameter: &Map<String, Value>,
        name: &str,
        at: &str,
    ) -> Result<(), Reason> {
        let refused = |place: &str| Err(Reason::Placement { at: at.into(), place: place.into() });
        if parameter.get("type").is_some_and(|kind| kind == "file") {
            return refused("a form's file");
        }
        if name.contains(['{', '}']) {
            return refused("a form with braces in its names");
        }
        let schema = self.parameter_schema(parameter, at)?;
        let value = match self.options.fixed.get(name) {
            Some(fixed) => fixed.clone(),
            None => {
                let required = is_required(parameter);
                let mark = match alternatives(&schema).iter().any(|one| one["type"] == "array") {
                    true => list_mark(parameter, "formData", self.document.version()),
                    false => "",
                };
                format!("{{{}{mark}}}", self.property(name, "body", schema, required))
            }
        };
        match self.http.body.get_or_insert_with(|| json!({})) {
            Value::Object(fields) => drop(fields.insert(name.into(), value.into())),
            _ => return refused("a form beside a body"),
        }
        self.http.headers.entry("content-type".into()).or_insert(FORMS[0].into());
        Ok(())
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type (range) is JSON.
fn is_json(essence: &str) -> bool {
    matches!(essence, "application/json" | "text/json" | "*/*" | "application/*")
        || essence.starts_with("application/") && essence.ends_with("+json")
}
