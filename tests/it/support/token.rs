//! JSON Web Tokens, signed independently of the server.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384};

/// How a token is signed.
#[derive(Clone, Copy)]
pub(crate) enum Algorithm {
    Hs256,
    Hs384,
}

/// A token with its scheme, as in the `Authorization` header.
pub(crate) fn signed(secret: &str, algorithm: Algorithm, claims: &Value) -> String {
    fn sign<M: Mac + KeyInit>(secret: &str, message: &str) -> Vec<u8> {
        let mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.chain_update(message.as_bytes()).finalize().into_bytes().to_vec()
    }

    let name = match algorithm {
        Algorithm::Hs256 => "HS256",
        Algorithm::Hs384 => "HS384",
    };
    let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", encode(&json!({"typ": "JWT", "alg": name})), encode(claims));
    let signature = match algorithm {
        Algorithm::Hs256 => sign::<Hmac<Sha256>>(secret, &message),
        Algorithm::Hs384 => sign::<Hmac<Sha384>>(secret, &message),
    };
    format!("JWT {message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
