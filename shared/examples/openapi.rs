//! Prints the contract as OpenAPI: `cargo run -p shared --features schema --example openapi > worker/openapi.json`.

fn main() -> serde_json::Result<()> {
    println!("{}", serde_json::to_string_pretty(&shared::api::openapi::document())?);
    Ok(())
}
