//! Prints the contract as OpenAPI: `cargo run -p shared --features schema --example openapi > shared/contract/openapi.json`.

fn main() -> serde_json::Result<()> {
    println!("{}", serde_json::to_string_pretty(&contract::openapi::document())?);
    Ok(())
}
