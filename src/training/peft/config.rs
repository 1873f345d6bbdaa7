//! `adapter_config.json`: what PEFT says about an adapter, and which of it is supported here.

use serde_json::{Map, Value, json};

use super::projection::Projection;
use crate::{Error, Result};

/// The model that our adapters are for, as Hugging Face names it.
pub const BASE_MODEL: &str = "HuggingFaceTB/SmolLM2-135M-Instruct";

/// What of the configuration matters for computing with an adapter.
#[derive(Clone, Debug, PartialEq)]
pub struct PeftConfig {
    /// The base model's name.
    pub base_model: String,
    /// `α`: an update of rank `r` is scaled by `α / r`.
    pub alpha: f32,
    /// `α` of modules that have another: a module's path or the end of one, and its value.
    pub alpha_pattern: Vec<(String, f32)>,
}

/// Fields that must be absent or empty: each changes what is computed in a way that isn't done here.
const UNSUPPORTED: [&str; 17] = [
    "use_dora",
    "use_rslora",
    "use_qalora",
    "use_bdlora",
    "lora_bias",
    "fan_in_fan_out",
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "target_parameters",
    "alora_invocation_tokens",
    "alora_invocation_string",
    "megatron_config",
    "arrow_config",
    "kasa_config",
    "velora_config",
    "monteclora_config",
];

impl PeftConfig {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self> {
        let fields: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| Error::adapter("adapter_config.json", error.to_string()))?;
        let is = |field: &str, expected: &str| match fields.get(field) {
            Some(Value::String(found)) if found == expected => Ok(()),
            found => {
                let found = found.unwrap_or(&Value::Null);
                Err(Error::adapter(field, format!("is {found}; only \"{expected}\" is supported")))
            }
        };
        is("peft_type", "LORA")?;
        if fields.get("bias").is_some() {
            is("bias", "none")?;
        }
        if fields.get("task_type").is_some_and(|task| !task.is_null()) {
            is("task_type", "CAUSAL_LM")?;
        }
        for field in UNSUPPORTED {
            let found = fields.get(field).unwrap_or(&Value::Null);
            if !is_empty(found) {
                return Err(Error::adapter(field, format!("is {found}, which is not supported")));
            }
        }
        // These change the base model's weights before training.
        if let Some(Value::String(kind)) = fields.get("init_lora_weights")
            && !matches!(kind.as_str(), "gaussian" | "eva" | "orthogonal")
        {
            let reason =
                format!("is \"{kind}\"; convert the adapter to plain LoRA with PEFT first");
            return Err(Error::adapter("init_lora_weights", reason));
        }
        let alpha = fields.get("lora_alpha").and_then(Value::as_f64);
        let alpha = alpha.ok_or_else(|| Error::adapter("lora_alpha", "is not a number"))?;
        Ok(Self {
            base_model: text_of(fields.get("base_model_name_or_path")),
            alpha: positive("lora_alpha", alpha)?,
            alpha_pattern: pattern(fields.get("alpha_pattern"))?,
        })
    }

    /// `α` of the module at `path`, such as `layers.3.self_attn.q_proj`.
    pub fn alpha_of(&self, path: &str) -> f32 {
        let fits = |pattern: &str| {
            path.strip_suffix(pattern).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let own = self.alpha_pattern.iter().find(|(pattern, _)| fits(pattern));
        own.map_or(self.alpha, |&(_, alpha)| alpha)
    }
}

/// The file's text for modules (layer, projection) of these ranks and `α`.
pub fn write(base_model: &str, modules: &[(usize, Projection, usize, f32)]) -> String {
    let &(_, _, rank, alpha) = modules.first().expect("an adapter has modules");
    let mut layers: Vec<usize> = modules.iter().map(|&(layer, ..)| layer).collect();
    layers.dedup();
    let targets: Vec<&str> = Projection::ALL
        .into_iter()
        .filter(|&projection| modules.iter().any(|module| module.1 == projection))
        .map(|projection| projection.module().rsplit('.').next().expect("a name"))
        .collect();
    let (mut rank_pattern, mut alpha_pattern) = (Map::new(), Map::new());
    for &(layer, projection, own_rank, own_alpha) in modules {
        let path = format!("layers.{layer}.{}", projection.module());
        if own_rank != rank {
            rank_pattern.insert(path.clone(), json!(own_rank));
        }
        if own_alpha != alpha {
            alpha_pattern.insert(path, json!(own_alpha));
        }
    }
    let config = json!({
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_model,
        "r": rank,
        "lora_alpha": number(alpha),
        "rank_pattern": rank_pattern,
        "alpha_pattern": alpha_pattern,
        "target_modules": targets,
        "layers_to_transform": layers,
        "layers_pattern": "layers",
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": false,
        "modules_to_save": null,
        "use_rslora": false,
        "use_dora": false,
        "init_lora_weights": true,
        "inference_mode": true,
    });
    serde_json::to_string_pretty(&config).expect("plain data serializes") + "\n"
}

/// A whole number where it is one: PEFT's field is an integer.
fn number(value: f32) -> Value {
    if value.fract() == 0.0 { json!(value as i64) } else { json!(value) }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    }
}

fn text_of(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn positive(field: &str, value: f64) -> Result<f32> {
    let number = value as f32;
    if number.is_finite() && number > 0.0 {
        return Ok(number);
    }
    Err(Error::adapter(field, format!("is {value}, not a positive number")))
}

/// Patterns are regular expressions in PEFT; here they are paths.
fn pattern(value: Option<&Value>) -> Result<Vec<(String, f32)>> {
    let entries = value.and_then(Value::as_object);
    entries
        .into_iter()
        .flatten()
        .map(|(pattern, value)| {
            let path = pattern.trim_start_matches('^').replace("\\.", ".");
            let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
            match value.as_f64() {
                Some(value) if plain => Ok((path, positive("alpha_pattern", value)?)),
                _ => {
                    let reason =
                        format!("`{pattern}`: {value} is not a module's path and a number");
                    Err(Error::adapter("alpha_pattern", reason))
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let modules = [
            (8, Projection::Query, 4, 8.0),
            (8, Projection::Down, 12, 24.0),
            (9, Projection::Query, 4, 8.0),
        ];
        let text = write(BASE_MODEL, &modules);
        let config = PeftConfig::parse(&text).unwrap();
        assert_eq!(config.base_model, BASE_MODEL);
        assert_eq!(config.alpha_of("layers.8.self_attn.q_proj"), 8.0);
        assert_eq!(config.alpha_of("layers.8.mlp.down_proj"), 24.0);
        assert_eq!(config.alpha_of("layers.18.mlp.down_proj"), 8.0);
        let fields: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fields["layers_to_transform"], json!([8, 9]));
        assert_eq!(fields["target_modules"], json!(["q_proj", "down_proj"]));
        assert_eq!(fields["rank_pattern"], json!({ "layers.8.mlp.down_proj": 12 }));
    }

    #[test]
    fn unsupported_fields_are_named() {
        let text = write(BASE_MODEL, &[(0, Projection::Query, 4, 8.0)]);
        let fields: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (field, value) in [
            ("peft_type", json!("IA3")),
            ("use_dora", json!(true)),
            ("use_rslora", json!(true)),
            ("bias", json!("all")),
            ("lora_bias", json!(true)),
            ("modules_to_save", json!(["lm_head"])),
            ("task_type", json!("SEQ_CLS")),
            ("init_lora_weights", json!("pissa")),
            ("lora_alpha", json!(null)),
            ("lora_alpha", json!(-1)),
            ("alpha_pattern", json!({ "layers.[0-3].*": 4 })),
        ] {
            let mut changed = fields.clone();
            changed.insert(field.into(), value);
            let error = PeftConfig::parse(&Value::Object(changed).to_string()).unwrap_err();
            assert!(
                matches!(&error, Error::Adapter { field: found, .. } if found == field),
                "{error}"
            );
        }
    }
}
