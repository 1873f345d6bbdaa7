//! Files from elsewhere.

use toolgen::agent::Engine;
use toolgen::model::Adapter;
use toolgen::tool::ToolPack;
use toolgen::virtualization::Special;

use super::tiny;

/// Most bytes of weights behind a header.
const MAX_WEIGHTS: usize = 1 << 20;

/// A checkpoint: four bytes that say how many bytes of weights follow, then its header. The weights are zeros: what lies
/// is the header, and mutations of it alone go deeper.
pub fn gguf(input: &[u8]) {
    let Some((weights, header)) = input.split_first_chunk() else { return };
    let mut file = header.to_vec();
    file.resize(header.len() + u32::from_le_bytes(*weights) as usize % (MAX_WEIGHTS + 1), 0);
    let Ok(checkpoint) = tiny::read(&file, 5000) else { return };
    tiny::compute(&checkpoint);
    let Ok(engine) = Engine::new(checkpoint) else { return };
    if let Ok(stream) = engine.complete("the weather in 24 °C, {\"a\": 1}", 2) {
        let _ = tiny::follow(stream, []);
    }
}

/// A tool pack.
pub fn pack(input: &[u8]) {
    let Ok(pack) = ToolPack::from_bytes(input) else { return };
    assert_eq!(pack.rows.rows, pack.tool_tokens() + Special::COUNT);
    let again = pack.to_bytes().expect("a pack that was read can be written");
    let again = ToolPack::from_bytes(&again).expect("and read again");
    assert!(again.tools == pack.tools && again.rows.bytes == pack.rows.bytes);
    let mut engine = tiny::engine();
    if engine.load_pack(pack).is_ok()
        && let Ok(stream) = engine.call("roll 3 dice in Oslo tomorrow", 3)
    {
        let _ = tiny::follow(stream, []);
    }
}

/// An adapter.
pub fn adapter(input: &[u8]) {
    let Ok(adapter) = Adapter::from_bytes(input) else { return };
    let mut checkpoint = tiny::checkpoint();
    if checkpoint.adapt(adapter).is_ok() {
        tiny::compute(&checkpoint);
    }
}
