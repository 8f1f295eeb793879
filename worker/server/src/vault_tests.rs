//! Tests of the vault: what opens, what does not, and the two forms of a sealed text.

use super::*;

/// Counts, so that no two nonces are equal.
struct Counting(std::cell::Cell<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0.set(self.0.get().wrapping_add(1));
            *byte = self.0.get();
        }
    }
}

fn entropy() -> Counting {
    Counting(std::cell::Cell::new(0))
}

#[test]
fn what_is_sealed_opens_and_does_not_show() {
    let (key, entropy) = ([1; 32], entropy());
    let vault = Vault::new(&key, None, &entropy);
    let sealed = vault.seal("connection|a", "hunter2").expect("sealed");
    assert!(!sealed.contains("hunter2"));
    assert_eq!(vault.open("connection|a", &sealed).expect("opened").as_str(), "hunter2");
}

#[test]
fn another_record_another_key_and_a_changed_text_do_not_open() {
    let (key, other, entropy) = ([1; 32], [2; 32], entropy());
    let vault = Vault::new(&key, None, &entropy);
    let sealed = vault.seal("connection|a", "hunter2").expect("sealed");
    assert_eq!(vault.open("connection|b", &sealed), Err(VaultError::DoesNotOpen));
    assert_eq!(Vault::new(&other, None, &entropy).open("connection|a", &sealed), Err(VaultError::DoesNotOpen));
    let mut envelope: Envelope = serde_json::from_str(&sealed).expect("an envelope");
    let mut bytes = STANDARD_NO_PAD.decode(&envelope.text).expect("base64");
    *bytes.last_mut().expect("a byte") ^= 1;
    envelope.text = STANDARD_NO_PAD.encode(bytes);
    let changed = serde_json::to_string(&envelope).expect("json");
    assert_eq!(vault.open("connection|a", &changed), Err(VaultError::DoesNotOpen));
}

#[test]
fn the_same_text_is_never_sealed_the_same_way() {
    let (key, entropy) = ([1; 32], entropy());
    let vault = Vault::new(&key, None, &entropy);
    assert_ne!(vault.seal("r", "x").expect("sealed"), vault.seal("r", "x").expect("sealed"));
}

/// "hunter2" for the record `connection|a`, sealed with the key [1; 32] by another implementation of AES-256-GCM: in the first form
/// and in this one.
const FIRST: &str = r#"{"v":1,"key":"AwMDAwMDAwMDAwMD8Wgdk/aNPmCk9e9uxRAtobE6qESOxsu7pRm0T6NDj3rL82E7XPMgUP/QgbvPksD3","text":"BAQEBAQEBAQEBAQEj8zWDYvHWdtycGzlBCBKBJWB16yBepw"}"#;
const PRESENT: &str = r#"{"v":2,"master":"f7dda4f9c46b4e27","key":"AwMDAwMDAwMDAwMD8Wgdk/aNPmCk9e9uxRAtobE6qESOxsu7pRm0T6NDj3rH7qEdzvvVplOiAcpckjDB","text":"BAQEBAQEBAQEBAQEj8zWDYvHWdnOx8lOKT3zuyLHHRuAAn0"}"#;

#[test]
fn both_forms_open_and_no_other_does() {
    let (key, entropy) = ([1; 32], entropy());
    let vault = Vault::new(&key, None, &entropy);
    for sealed in [FIRST, PRESENT] {
        assert_eq!(vault.open("connection|a", sealed).expect("opened").as_str(), "hunter2");
        assert_eq!(vault.open("connection|b", sealed), Err(VaultError::DoesNotOpen));
    }
    for unknown in [FIRST.replace("\"v\":1", "\"v\":3"), FIRST.replace("\"v\":1", "\"v\":0"), "{}".to_owned(), "hunter2".to_owned()] {
        assert_eq!(vault.open("connection|a", &unknown), Err(VaultError::UnknownForm), "{unknown}");
    }
    let downgraded = PRESENT.replace("\"v\":2", "\"v\":1");
    assert_eq!(vault.open("connection|a", &downgraded), Err(VaultError::DoesNotOpen), "the form is authenticated too");
}

#[test]
fn what_the_previous_key_sealed_opens_while_it_is_known_and_is_sealed_anew_with_the_present_one() {
    let (old, new, other, entropy) = ([1; 32], [2; 32], [3; 32], entropy());
    let present = Vault::new(&old, None, &entropy).seal("connection|a", "hunter2").expect("sealed");
    let rotating = Vault::new(&new, Some(&old), &entropy);
    for sealed in [FIRST, PRESENT, present.as_str()] {
        assert_eq!(rotating.open("connection|a", sealed).expect("opened").as_str(), "hunter2");
        assert_eq!(Vault::new(&new, None, &entropy).open("connection|a", sealed), Err(VaultError::DoesNotOpen));
        assert_eq!(Vault::new(&new, Some(&other), &entropy).reseal("connection|a", sealed), Err(VaultError::DoesNotOpen));
        let anew = rotating.reseal("connection|a", sealed).expect("opened").expect("sealed anew");
        assert_eq!(Vault::new(&new, None, &entropy).open("connection|a", &anew).expect("opened").as_str(), "hunter2");
        assert_eq!(Vault::new(&old, None, &entropy).open("connection|a", &anew), Err(VaultError::DoesNotOpen));
        assert_eq!(rotating.reseal("connection|a", &anew), Ok(None), "there is nothing more to do");
    }
}

#[test]
fn the_first_form_is_brought_to_the_present_one_without_another_key() {
    let (key, entropy) = ([1; 32], entropy());
    let vault = Vault::new(&key, None, &entropy);
    let anew = vault.reseal("connection|a", FIRST).expect("opened").expect("sealed anew");
    assert!(anew.contains(&key_id(&key)));
    assert_eq!(vault.reseal("connection|a", PRESENT), Ok(None));
}
