//! Packs that lie: every one gets a typed error, none a panic, a hang or a wrong answer.

use crate::hostile::mutations;
use proptest::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use toolgen::gguf::QuantizedMatrix;
use toolgen::model::ModelId;
use toolgen::tool::{Tool, ToolPack};
use toolgen::virtualization::{IndexingKind, Special, TokenTable};

fn pack() -> ToolPack {
    let tool = |name: &str| Tool {
        name: name.into(),
        description: "Does something.".into(),
        parameters: serde_json::json!({ "type": "object", "properties": {} }),
        http: None,
        annotations: Default::default(),
    };
    ToolPack {
        model: ModelId { checkpoint: "0".repeat(64), adapter: None },
        indexing: IndexingKind::Atomic,
        tools: vec![tool("a"), tool("b"), tool("c")],
        norm: vec![1.0; 64],
        rows: QuantizedMatrix::quantize_q8_0(5, 64, &[0.5; 320]).unwrap(),
        table: None,
        temperature: 1.0,
    }
}

#[test]
fn packs_come_back_as_they_were() {
    let pack = pack();
    let back = ToolPack::from_bytes(&pack.to_bytes().unwrap()).unwrap();
    assert_eq!(back.tools, pack.tools);
    assert_eq!(back.rows.bytes, pack.rows.bytes);
    assert_eq!((back.norm, back.model), (pack.norm, pack.model));
}

#[test]
fn packs_that_lie() {
    let refused = |pack: &ToolPack| ToolPack::from_bytes(&pack.to_bytes().unwrap()).unwrap_err();
    let mut twice = pack();
    twice.tools[1].name = "a".into();
    assert!(refused(&twice).to_string().contains("`a` stands twice"));

    let mut few = pack();
    few.tools.pop();
    assert!(refused(&few).to_string().contains("5 rows for 2 tools"));

    let mut infinite = pack();
    infinite.norm[3] = f32::INFINITY;
    assert!(refused(&infinite).to_string().contains("norm"));

    let bytes = pack().to_bytes().unwrap();
    let edited = |from: &str, to: &str| {
        let text = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut bytes = bytes.clone();
        bytes[text..text + from.len()].copy_from_slice(to.as_bytes());
        ToolPack::from_bytes(&bytes).unwrap_err()
    };
    assert!(edited("toolgen-pack", "toolgen-pick").to_string().contains("format"));
    assert!(edited("atomic", "galaxy").to_string().contains("`galaxy` is not one of"));
    assert!(edited("rows.quants", "rows.quents").to_string().contains("rows.quants"));
    for length in 0..bytes.len() {
        assert!(ToolPack::from_bytes(&bytes[..length]).is_err(), "accepted at {length} bytes");
    }
}

/// A pack of three tools of two tokens each.
fn token_pack() -> ToolPack {
    let embeddings = QuantizedMatrix::quantize_q8_0(4, 64, &[0.25; 256]).unwrap();
    let sequences = vec![vec![0, 2], vec![0, 3], vec![1]];
    ToolPack {
        indexing: IndexingKind::Semantic,
        rows: QuantizedMatrix::quantize_q8_0(6, 64, &[0.5; 384]).unwrap(),
        table: Some(TokenTable::new(sequences, embeddings).unwrap()),
        ..pack()
    }
}

/// The pack's bytes with one tensor replaced, or left out.
fn with_tensor(name: &str, tensor: Option<(Dtype, Vec<usize>, Vec<u8>)>) -> Vec<u8> {
    let bytes = token_pack().to_bytes().unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<(String, TensorView)> = file.tensors();
    tensors.retain(|(other, _)| other != name);
    if let Some((dtype, shape, data)) = &tensor {
        let view = TensorView::new(*dtype, shape.clone(), data).unwrap();
        tensors.push((name.into(), view));
    }
    safetensors::serialize(tensors, header.metadata().clone()).unwrap()
}

#[test]
fn tables_of_tool_tokens_that_lie() {
    const NONE: u32 = u32::MAX;
    ToolPack::from_bytes(&with_tensor("nothing", None)).unwrap();
    let refused = |name: &str, tensor| {
        let error = ToolPack::from_bytes(&with_tensor(name, tensor)).unwrap_err();
        assert_eq!(error.code(), "pack");
        error.to_string()
    };
    let sequences = |shape: [usize; 2], tokens: &[u32]| {
        let bytes = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        refused("sequences", Some((Dtype::U32, shape.to_vec(), bytes)))
    };
    for (tokens, why) in [
        ([0, 2, 0, 4, 1, NONE], "token 4 is not one of 4"),
        ([0, 2, 0, 3, NONE, NONE], "has no token"),
        ([0, 2, 0, 3, NONE, 1], "is not one of 4"),
        ([0, 2, 0, 2, 1, NONE], "begins that of"),
        ([0, 2, 0, NONE, 1, NONE], "begins that of"),
    ] {
        let error = sequences([3, 2], &tokens);
        assert!(error.contains(why), "{tokens:?}: {error}");
    }
    assert!(sequences([2, 2], &[0, 2, 0, 3]).contains("expected U32 [3, 2]"));
    assert!(sequences([3, 0], &[]).contains("shape [3, 0]"));
    assert!(sequences([3, 200], &[7; 600]).contains("shape [3, 200]"));
    assert!(refused("sequences", None).contains("missing"));
    assert!(refused("sequences", Some((Dtype::U8, vec![3, 2], vec![0; 6]))).contains("U8"));

    assert!(refused("embeddings.quants", None).contains("missing"));
    assert!(refused("embeddings.scales", None).contains("missing"));
    let infinite = vec![0xff; 16];
    let scales = refused("embeddings.scales", Some((Dtype::F16, vec![4, 2], infinite)));
    assert!(scales.contains("not finite"), "{scales}");

    let matrix = |rows, columns: usize| {
        QuantizedMatrix::quantize_q8_0(rows, columns, &vec![0.5; rows * columns]).unwrap()
    };
    let with_rows = |rows| ToolPack { rows, ..token_pack() };
    for pack in [with_rows(matrix(7, 64)), with_rows(matrix(5, 64))] {
        let error = ToolPack::from_bytes(&pack.to_bytes().unwrap()).unwrap_err();
        assert!(error.to_string().contains("rows for 3 tools"), "{error}");
    }
    let narrow = ToolPack { norm: vec![1.0; 32], ..with_rows(matrix(6, 32)) };
    let error = ToolPack::from_bytes(&narrow.to_bytes().unwrap()).unwrap_err();
    assert!(error.to_string().contains("64 wide beside rows of 32"), "{error}");
}

#[test]
fn a_pack_of_another_base_is_refused() {
    let pack = pack();
    let id = |digit: &str, adapter: Option<&str>| ModelId {
        checkpoint: digit.repeat(64),
        adapter: adapter.map(|digit| digit.repeat(64)),
    };
    let error = pack.check_base(&id("f", None), 64).unwrap_err();
    assert_eq!(error.code(), "base_mismatch");
    assert!(pack.check_base(&id("0", None), 64).is_ok());
    let adapted = pack.check_base(&id("0", Some("a")), 64).unwrap_err();
    assert_eq!(adapted.code(), "base_mismatch");
    let named = format!("made for no adapter, but loaded is adapter {}", "a".repeat(64));
    assert!(adapted.to_string().contains(&named), "{adapted}");
    assert_eq!(pack.check_base(&id("0", None), 576).unwrap_err().code(), "pack");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_packs_never_panic(edits in mutations(pack().to_bytes().unwrap().len())) {
        let mut bytes = pack().to_bytes().unwrap();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        if let Ok(pack) = ToolPack::from_bytes(&bytes) {
            prop_assert_eq!(pack.rows.rows, pack.tool_tokens() + Special::COUNT);
        }
    }

    #[test]
    fn mutated_tables_never_panic(edits in mutations(token_pack().to_bytes().unwrap().len())) {
        let mut bytes = token_pack().to_bytes().unwrap();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        if let Ok(pack) = ToolPack::from_bytes(&bytes) {
            prop_assert_eq!(pack.rows.rows, pack.tool_tokens() + Special::COUNT);
        }
    }
}
