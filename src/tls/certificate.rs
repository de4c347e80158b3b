//! Reads and creates certificates.

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::Tls;
use crate::{config::Config, outbound::Trust, proxy::Upstream};

pub(crate) fn settings(config: &Config) -> Result<Tls, String> {
    let authorities = config.webhooks_ca.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let (server, own) = server(config)?.unzip();
    let trust = if config.webhooks_insecure { Trust::Anybody } else { Trust::Known { authorities, own } };
    Ok(Tls { server, trust })
}

/// The certificates accepted from an upstream.
pub(crate) fn upstream_trust(upstream: &Upstream) -> Result<Trust, String> {
    if upstream.insecure {
        return Ok(Trust::Anybody);
    }
    let authorities = upstream.ca.as_deref().map(certificates).transpose()?.unwrap_or_default();
    Ok(Trust::Known { authorities, own: None })
}

/// The TLS settings of the server, and its certificate.
fn server(config: &Config) -> Result<Option<(Arc<ServerConfig>, CertificateDer<'static>)>, String> {
    let (chain, key) = match (&config.tls_cert, &config.tls_key) {
        (Some(certificate), Some(key)) => read(certificate, key)?,
        _ if config.tls_self_signed => self_signed()?,
        _ => return Ok(None),
    };
    let own = chain[0].clone();
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| format!("TLS: {error}"))?;
    let settings = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut settings = settings.map_err(|error| format!("unusable certificate: {error}"))?;
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some((Arc::new(settings), own)))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn unreadable(path: &Path, expected: &str, error: &dyn std::fmt::Display) -> String {
    format!("{}: expected {expected} in PEM format: {error}", path.display())
}

/// The certificates in a file, at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|error| unreadable(file, "a certificate", &error))?;
    if all.is_empty() { Err(unreadable(file, "a certificate", &"found none")) } else { Ok(all) }
}

fn read(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, "a private key", &error))?;
    Ok((chain, key))
}

fn self_signed() -> Result<Identity, String> {
    let names = ["localhost", "*.localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made =
        rcgen::generate_simple_self_signed(names).map_err(|error| format!("cannot create a certificate: {error}"))?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(str::to_owned)?;
    Ok((vec![made.cert.der().clone()], key))
}
