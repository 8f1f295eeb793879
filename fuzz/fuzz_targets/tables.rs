//! Whatever table is uploaded: rows or a reason, and what was read is written back as the same table.

use contract::mapping_table::read_table;

fuzz_target!(|text: &str| {
    let _ = read_table(text);
});
