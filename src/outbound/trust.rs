//! Accepted certificates of called servers.

use std::sync::Arc;

use hyper_rustls::HttpsConnectorBuilder;
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{Connector, Tcp, closing::Closing};

/// Accepted certificates.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// Any certificate.
    Anybody,
    /// Certificates signed by a public authority or one of `authorities`, and those in `authorities` themselves. The
    /// server's own certificate is accepted for any name.
    Known { authorities: Vec<CertificateDer<'static>>, own: Option<CertificateDer<'static>> },
}

/// Public authorities only.
impl Default for Trust {
    fn default() -> Self {
        Self::Known { authorities: Vec::new(), own: None }
    }
}

impl Trust {
    /// A connector for HTTP and HTTPS that accepts these certificates.
    pub(super) fn connector(self, tcp: Tcp) -> Result<Connector, String> {
        let connector = HttpsConnectorBuilder::new().with_tls_config(self.client()?).https_or_http().enable_http1();
        Ok(Closing::new(connector.wrap_connector(tcp)))
    }

    /// TLS settings of a client that accepts these certificates.
    fn client(self) -> Result<ClientConfig, String> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Self::Known { authorities, .. } = &self {
            // A certificate that is not an authority can still be the receiver's own.
            roots.add_parsable_certificates(authorities.iter().cloned());
        }
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let inner = inner.build().map_err(|error| format!("TLS: {error}"))?;
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| format!("TLS: {error}"))?;
        let verifier = Arc::new(Verifier { trust: self, inner });
        Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    inner: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.trust {
            Trust::Anybody => return Ok(ServerCertVerified::assertion()),
            Trust::Known { own: Some(own), .. } if own == end_entity => return Ok(ServerCertVerified::assertion()),
            // WebPKI rejects an authority as the end entity, which self-signed certificates often are.
            Trust::Known { authorities, .. } if authorities.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                return Ok(ServerCertVerified::assertion());
            }
            Trust::Known { .. } => {}
        }
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
