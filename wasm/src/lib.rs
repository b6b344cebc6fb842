//! The wasm face of nestkey's core: a handful of exports for the npm package.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the contract between this module and the TypeScript that calls it.
#[wasm_bindgen]
#[must_use]
pub fn abi() -> u32 {
    1
}
