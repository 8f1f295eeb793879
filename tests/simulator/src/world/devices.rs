//! What a computer is called and carries. ESET and ConnectWise know the same machines, so both sides work it out here.

use super::eset::EsetCompany;

/// Devices of a bulk are numbered from here on, out of the way of those behind activated seats.
pub(crate) const EXTRA: usize = 1 << 32;

/// The name of a company's `number`-th computer.
pub(crate) fn name(company: &EsetCompany, number: usize) -> String {
    let letters: String = company.name.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    let letters = letters.to_uppercase();
    match number.checked_sub(EXTRA) {
        Some(extra) => format!("{letters}-X{:05}", extra + 1),
        None => format!("{letters}-{:03}", number + 1),
    }
}

/// What its firmware gives as serial number.
pub(crate) fn serial_number(company: &EsetCompany, number: usize) -> String {
    format!("5CG{:07X}", mixed(company, number) >> 20 & 0xFFF_FFFF)
}

/// The address of its network adapter; the second digit marks it as given out locally.
pub(crate) fn mac_address(company: &EsetCompany, number: usize) -> String {
    let bytes = mixed(company, number).to_be_bytes();
    let parts: Vec<String> = bytes[3..].iter().map(|byte| format!("{byte:02X}")).collect();
    format!("02:{}", parts.join(":"))
}

fn mixed(company: &EsetCompany, number: usize) -> u64 {
    let seed = company.id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    (seed ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}
