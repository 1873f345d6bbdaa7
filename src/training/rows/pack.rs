//! A tool pack of fitted rows.

use super::calibration::Calibration;
use super::fit::FittedRows;
use crate::Result;
use crate::backend::Backend;
use crate::model::DocumentHead;
use crate::model::ModelId;
use crate::rows::at_run_time::RowTransform;
use crate::tool::{Tool, ToolPack};
use crate::virtualization::Special;

/// A pack of `tools` with fitted rows, the abstain token's among them. Calibration has divided these by its
/// temperature, which the pack names for rows that join later. No question ends where the work is finished, so the
/// finish token has the document head's row, in the pack's terms.
pub fn pack_of_fitted_rows<B: Backend>(
    model: &ModelId,
    head: Option<&DocumentHead<B>>,
    tools: Vec<Tool>,
    fitted: FittedRows,
    calibration: Option<&Calibration>,
) -> Result<ToolPack> {
    let (gain, d) = (fitted.gain, fitted.unit.len());
    let temperature = calibration.map_or(1.0, |found| 1.0 / found.inverse_temperature as f32);
    let (of_tools, abstain) = fitted.rows.split_at(tools.len() * d);
    let finish = match head {
        None => vec![0.0; d],
        Some(head) => {
            let finish = &head.special_rows[Special::Finish.index() * d..][..d];
            RowTransform::between(&head.norm, &gain, temperature)?.to_pack(finish)
        }
    };
    let special = [abstain, &finish].concat();
    let pack = ToolPack::atomic(model, tools, of_tools, &special, gain)?;
    Ok(ToolPack { temperature, ..pack })
}
