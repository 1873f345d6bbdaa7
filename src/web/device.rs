//! Where a page's model computes: chosen once, before the checkpoint is read.

use wasm_bindgen::prelude::*;

use super::error;
use super::value::to_js;
use crate::Error;
use crate::backend::cpu::Cpu;
use crate::backend::wgpu::Wgpu;
use crate::self_test::self_check;

/// One thing for each backend.
pub enum On<C, G> {
    Cpu(C),
    Gpu(G),
}

/// Runs the same expression on whichever backend's thing is there.
macro_rules! on {
    ($on:expr, $it:ident => $do:expr) => {
        match $on {
            $crate::web::device::On::Cpu($it) => $do,
            $crate::web::device::On::Gpu($it) => $do,
        }
    };
}
pub(super) use on;

/// A device that is ready to compute.
#[wasm_bindgen]
pub struct Device {
    pub(super) backend: On<Cpu, Wgpu>,
    reason: Option<String>,
}

#[wasm_bindgen]
impl Device {
    /// Opens the device that `choice` names:
    ///
    /// - `cpu`: the processor; no GPU is asked for.
    /// - `webgpu`: the GPU, or an error.
    /// - `unchecked`: the same without the check that it computes what the processor computes, for a self-test.
    /// - `auto`: the GPU if it computes what the processor computes, else the processor. One that is
    ///   software itself is passed over, because it is slower.
    pub async fn open(choice: String) -> Result<Device, JsValue> {
        let cpu = |reason| Device { backend: On::Cpu(Cpu), reason };
        match choice.as_str() {
            "cpu" => Ok(cpu(None)),
            "webgpu" => Self::open_gpu().await.map_err(error::to_js),
            "unchecked" => Wgpu::new().await.map(Self::on_gpu).map_err(error::to_js),
            "auto" => Ok(match Self::open_gpu().await {
                Ok(device) if device.is_software() => {
                    cpu(Some("the only WebGPU adapter is software, slower than the CPU".into()))
                }
                Ok(device) => device,
                Err(error) => cpu(Some(error.to_string())),
            }),
            _ => Err(error::to_js(Error::Option {
                name: "device",
                reason: format!("there is no `{choice}`; choose auto, webgpu or cpu"),
            })),
        }
    }

    async fn open_gpu() -> crate::Result<Device> {
        let backend = Wgpu::new().await?;
        self_check(backend.clone()).await?;
        Ok(Self::on_gpu(backend))
    }

    fn on_gpu(backend: Wgpu) -> Device {
        Device { backend: On::Gpu(backend), reason: None }
    }

    fn is_software(&self) -> bool {
        matches!(&self.backend, On::Gpu(backend) if backend.is_software())
    }

    /// `webgpu` or `cpu`.
    #[wasm_bindgen(getter)]
    pub fn kind(&self) -> String {
        let kind = match &self.backend {
            On::Cpu(_) => "cpu",
            On::Gpu(_) => "webgpu",
        };
        kind.into()
    }

    /// The adapter and its kernels.
    #[wasm_bindgen(getter)]
    pub fn description(&self) -> Option<String> {
        match &self.backend {
            On::Cpu(_) => None,
            On::Gpu(backend) => Some(backend.description()),
        }
    }

    /// Why `auto` did not take the GPU.
    #[wasm_bindgen(getter)]
    pub fn reason(&self) -> Option<String> {
        self.reason.clone()
    }

    /// What the GPU has been asked so far.
    #[wasm_bindgen(getter, unchecked_return_type = "object | undefined")]
    pub fn counters(&self) -> Result<JsValue, JsValue> {
        match &self.backend {
            On::Cpu(_) => Ok(JsValue::UNDEFINED),
            On::Gpu(backend) => to_js(&backend.counters()),
        }
    }
}
