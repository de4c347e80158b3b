//! HS256 for jsonwebtoken, whose own cryptography needs a C compiler or an RSA crate with an open advisory.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Signer, Verifier},
};
use sha2::Sha256;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Installs the cryptography provider, unless one exists: a program that embeds the fake may also use jsonwebtoken.
fn provide() {
    if CryptoProvider::try_get_default().is_none() {
        // Another thread may have installed one meanwhile.
        let _ = PROVIDER.install_default();
    }
}

/// The key that signs with a secret.
pub(super) fn signing_key(secret: &[u8]) -> EncodingKey {
    provide();
    EncodingKey::from_secret(padded(secret)).expect("the secret is not empty")
}

/// The key that verifies signatures of a secret.
pub(super) fn verifying_key(secret: &[u8]) -> DecodingKey {
    provide();
    DecodingKey::from_secret(padded(secret)).expect("the secret is not empty")
}

/// Replaces an empty secret, which jsonwebtoken rejects, with a zero byte. HMAC pads keys with zeros, so both are the
/// same key.
fn padded(secret: &[u8]) -> &[u8] {
    if secret.is_empty() { b"\0" } else { secret }
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(signature::Error::from_source)
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Header, Validation, decode, encode};
    use serde_json::{Value, json};

    use super::*;

    // Computed with Python's `hmac` module.
    #[test]
    fn signatures_are_those_of_other_implementations() {
        let signature = |key: &[u8]| {
            let token = encode(&Header::new(Algorithm::HS256), &json!({"a": 1}), &signing_key(key)).expect("JSON");
            token.rsplit('.').next().map(str::to_owned)
        };
        assert_eq!(signature(b"secret").as_deref(), Some("9TScd9qkG4hNYAnJ_AxvxktsgJfGSrMEMpes8gYunOI"));
        assert_eq!(signature(b"").as_deref(), Some("RbqCmgMYMIv52P6qO6bpQLeOHOLBr0M9PTaNJOVmeGA"));
    }

    #[test]
    fn other_algorithms_and_keys_are_refused() {
        let token = encode(&Header::new(Algorithm::HS256), &json!({"a": 1}), &signing_key(b"secret")).expect("JSON");
        let verified = |key: &[u8], algorithm| {
            let mut validation = Validation::new(algorithm);
            validation.validate_exp = false;
            validation.required_spec_claims.clear();
            decode::<Value>(&token, &verifying_key(key), &validation).map(|token| token.claims)
        };
        assert_eq!(verified(b"secret", Algorithm::HS256).expect("it is valid"), json!({"a": 1}));
        verified(b"other", Algorithm::HS256).expect_err("another key");
        verified(b"secret", Algorithm::HS384).expect_err("another algorithm");
        encode(&Header::new(Algorithm::HS384), &json!({}), &signing_key(b"secret")).expect_err("it is unsupported");
    }
}
