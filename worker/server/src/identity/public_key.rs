//! The two kinds of signatures that are taken: RSASSA-PKCS1-v1_5 with SHA-256 and ECDSA on P-256 with SHA-256.

use p256::ecdsa::signature::Verifier;

/// Bits an RSA key has at least and at most: below, it can be broken; above, checking takes too long.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadKey {
    /// It is none.
    Unreadable,
    /// It is too short or too long.
    Length,
}

/// A key that somebody signs with.
#[derive(Debug, Clone)]
pub(crate) enum PublicKey {
    /// ECDSA with P-256 and SHA-256.
    Es256(p256::ecdsa::VerifyingKey),
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256(rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>),
}

/// How a signature of ECDSA is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As ASN.1, which authenticators write.
    Der,
    /// As two numbers of 32 bytes, which tokens bear (RFC 7518, section 3.4).
    Fixed,
}

impl PublicKey {
    /// The key at this point of the curve.
    pub(crate) fn es256(x: &[u8], y: &[u8]) -> Result<Self, BadKey> {
        let (Ok(x), Ok(y)) = (<[u8; 32]>::try_from(x), <[u8; 32]>::try_from(y)) else { return Err(BadKey::Unreadable) };
        let point = p256::EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
        p256::ecdsa::VerifyingKey::from_encoded_point(&point).map(Self::Es256).map_err(|_| BadKey::Unreadable)
    }

    /// The key of this modulus and exponent, big-endian.
    pub(crate) fn rs256(modulus: &[u8], exponent: &[u8]) -> Result<Self, BadKey> {
        let modulus = rsa::BigUint::from_bytes_be(modulus);
        if !RSA_BITS.contains(&modulus.bits()) {
            return Err(BadKey::Length);
        }
        let key = rsa::RsaPublicKey::new(modulus, rsa::BigUint::from_bytes_be(exponent)).map_err(|_| BadKey::Unreadable)?;
        Ok(Self::Rs256(rsa::pkcs1v15::VerifyingKey::new(key)))
    }

    /// Whether `signature` is the key's over `signed`.
    pub(crate) fn has_signed(&self, signed: &[u8], signature: &[u8], form: Form) -> bool {
        match self {
            Self::Es256(key) => {
                let read = match form {
                    Form::Der => p256::ecdsa::Signature::from_der(signature),
                    Form::Fixed => p256::ecdsa::Signature::from_slice(signature),
                };
                read.is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }
            Self::Rs256(key) => signature.try_into().is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
        }
    }
}

#[cfg(test)]
#[path = "public_key_tests.rs"]
pub(crate) mod tests;
