//! Has the linker keep what the splitting of the app into a module per page goes by.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.split(',').any(|name| name == "wasm")) {
        println!("cargo:rustc-link-arg-bins=--emit-relocs");
    }
}
