//! `cargo xtask wasm`: the wasm module, the types of its exports and its bytes as TypeScript.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use fs_err as fs;
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

use crate::{
    npm,
    process::{find, read, run},
    workspace::Workspace,
};

/// Builds `nestkey-wasm` and writes `js/src/generated`.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    eprintln!("==> wasm");
    add_target(workspace)?;
    let compiled = compile(workspace)?;
    let bound = bind(workspace, &compiled)?;
    let module = shrink(workspace, &bound.join("glue_bg.wasm"))?;
    check_imports(&module)?;
    write_generated(&workspace.js().join("src/generated"), &bound, &module)?;
    report_size(&module)
}

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that Rust's standard library for wasm is there.
fn add_target(workspace: &Workspace) -> Result<()> {
    if has_target(workspace)? {
        return Ok(());
    }
    let advice = format!(
        "Rust's standard library for {TARGET} is missing and could not be added: run \
         `rustup target add {TARGET}`, or install your system's package of it"
    );
    if find("rustup").is_none() {
        bail!("{advice}");
    }
    run(&mut workspace.program("rustup", &["target", "add", TARGET])).context(advice)
}

fn has_target(workspace: &Workspace) -> Result<bool> {
    let printed =
        read(&mut workspace.program("rustc", &["--print", "target-libdir", "--target", TARGET]))?;
    // The folder may exist and be empty, as rustup leaves it when a target is removed.
    Ok(fs::read_dir(printed.trim()).is_ok_and(|mut files| files.next().is_some()))
}

fn compile(workspace: &Workspace) -> Result<PathBuf> {
    let args = ["build", "--package", "nestkey-wasm", "--profile", "wasm", "--target", TARGET];
    run(workspace.cargo(&args).args(["--config", &flags(workspace)?]))?;
    Ok(workspace.target.join(TARGET).join("wasm/nestkey_wasm.wasm"))
}

/// Settings under which panics name sources by their place in the workspace or the registry, and
/// ciphers are loops instead of a copy for each round: a third as large, and fast enough for keys
/// and secrets.
fn flags(workspace: &Workspace) -> Result<String> {
    let cargo_home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("there is no home folder")?.join(".cargo"),
    };
    let mut flags: Vec<_> = [&workspace.root, &cargo_home.join("registry/src")]
        .map(|folder| format!("--remap-path-prefix={}=", folder.display()))
        .into();
    flags.extend(["aes", "sha2"].map(|name| format!("--cfg={name}_backend_soft=\"compact\"")));
    Ok(format!("target.{TARGET}.rustflags = {flags:?}"))
}

/// Runs wasm-bindgen; the folder then holds `glue.js`, `glue.d.ts` and `glue_bg.wasm`.
fn bind(workspace: &Workspace, compiled: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("wasm-bindgen");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Bindgen::new()
        .input_path(compiled)
        .out_name("glue")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        .generate(&folder)
        .context("wasm-bindgen failed")?;
    ensure!(
        !folder.join("snippets").exists() && !folder.join("package.json").exists(),
        "a dependency of nestkey-wasm brings JavaScript of its own, which the npm package has no \
         place for"
    );
    Ok(folder)
}

/// What binaryen's optimizer makes of a module.
fn shrink(workspace: &Workspace, module: &Path) -> Result<Vec<u8>> {
    npm::install(workspace)?;
    let shrunk = module.with_file_name("shrunk.wasm");
    // Low memory is the far end of the stack, so no address that is reckoned with lies there.
    let options = ["-Oz", "--converge", "--low-memory-unused"];
    // By name, functions stand beside those that are like them, which packs better.
    let last = ["--reorder-functions-by-name", "--strip-target-features"];
    let mut wasm_opt = npm::program(workspace, "wasm-opt");
    run(wasm_opt.args(options).args(last).arg(module).arg("-o").arg(&shrunk))?;
    Ok(fs::read(shrunk)?)
}

/// The module may ask its host for nothing but its own glue.
fn check_imports(module: &[u8]) -> Result<()> {
    let mut foreign = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let import = import?;
            if !["wbg", "./glue_bg.js"].contains(&import.module) {
                foreign.push(format!("`{}` from `{}`", import.name, import.module));
            }
        }
    }
    ensure!(foreign.is_empty(), "the wasm module imports {} from its host", foreign.join(", "));
    Ok(())
}

fn write_generated(folder: &Path, bound: &Path, module: &[u8]) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::copy(bound.join("glue.d.ts"), folder.join("glue.d.ts"))?;
    fs::write(folder.join("nestkey.wasm"), module)?;
    fs::write(folder.join("bytes.ts"), bytes_source(module))?;
    Ok(())
}

/// TypeScript that carries the module, so that no runtime or bundler has to find a file.
fn bytes_source(module: &[u8]) -> String {
    let base64 = STANDARD.encode(module);
    format!(
        r#"// Written by `cargo xtask wasm`.

const base64 = "{base64}";

/** The wasm module, decoded anew by each call. */
export function bytes(): Uint8Array<ArrayBuffer> {{
  const text = atob(base64);
  const module = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) module[i] = text.charCodeAt(i);
  return module;
}}
"#
    )
}

fn report_size(module: &[u8]) -> Result<()> {
    let gzipped = gzipped_size(module)?;
    let kb = |bytes: usize| bytes as f64 / 1000.0;
    eprintln!("    nestkey.wasm: {:.1} kB, {:.1} kB gzipped", kb(module.len()), kb(gzipped));
    Ok(())
}

/// How many bytes are left of some when they are packed as a web server would.
pub(crate) fn gzipped_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
