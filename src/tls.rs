//! The certificate with which the server speaks TLS.

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::config::Config;

/// How TLS is spoken, if it is.
pub(crate) fn settings(config: &Config) -> Result<Option<Arc<ServerConfig>>, String> {
    let (chain, key) = match (&config.tls_cert, &config.tls_key) {
        (Some(certificate), Some(key)) => read(certificate, key)?,
        _ if config.tls_self_signed => self_signed()?,
        _ => return Ok(None),
    };
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| format!("TLS: {error}"))?;
    let settings = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut settings = settings.map_err(|error| format!("the certificate cannot be used: {error}"))?;
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(Arc::new(settings)))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let unreadable = |path: &Path, expected: &str, error: &dyn std::fmt::Display| {
        format!("{}: expected {expected} in PEM, found: {error}", path.display())
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unreadable(certificate, "a certificate", &error))?;
    if chain.is_empty() {
        return Err(unreadable(certificate, "a certificate", &"none"));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, "a private key", &error))?;
    Ok((chain, key))
}

fn self_signed() -> Result<Identity, String> {
    let names = ["localhost", "*.localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made =
        rcgen::generate_simple_self_signed(names).map_err(|error| format!("no certificate was made: {error}"))?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(str::to_owned)?;
    Ok((vec![made.cert.der().clone()], key))
}
