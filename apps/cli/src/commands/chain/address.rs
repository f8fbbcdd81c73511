//! Addresses that people type.

use alloy_primitives::Address;

/// Reads an address: 40 hexadecimal digits after `0x`, all lower-case, all upper-case, or mixed as EIP-55 has it, where
/// the cases are a checksum.
pub(crate) fn parse(text: &str) -> Result<Address, String> {
    let address: Address =
        text.parse().map_err(|_| "an address is 0x and 40 hexadecimal digits, none is missing".to_owned())?;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let has = |case: fn(&char) -> bool| digits.chars().any(|digit| case(&digit));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    // The right spelling is not told: of a mistyped address it would be the spelling of the mistake.
    if mixed && address.to_checksum(None).strip_prefix("0x") != Some(digits) {
        return Err(
            "its upper and lower case are no EIP-55 checksum of it, so a digit may be wrong: copy the address \
                    again, or write it all in lower case if you are sure of every digit"
                .into(),
        );
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_of_an_address_are_its_checksum() {
        // The examples of EIP-55: all upper, all lower, mixed.
        for right in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x27b1fdb04752bbc536007a920d24acb045561c26",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = parse(right).unwrap();
            let digits = &right[2..];
            for spelling in [digits.to_lowercase(), digits.to_uppercase()] {
                for prefix in ["0x", "0X", ""] {
                    assert_eq!(parse(&format!("{prefix}{spelling}")), Ok(address));
                }
            }
        }
        for wrong in [
            // one case, one digit, two digits changed places
            "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BAeed",
        ] {
            assert!(parse(wrong).unwrap_err().contains("EIP-55"), "{wrong}");
        }
        for none in ["", "0x", "0x12", "zz", &"0".repeat(41)] {
            assert!(parse(none).unwrap_err().contains("40 hexadecimal digits"), "{none}");
        }
    }
}
