//! Stands in for certificates without the feature `tls`.

/// Accepted certificates: none, because there is no TLS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust;

impl Trust {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with TLS, settings can be unusable")]
    pub(super) fn connector(self, tcp: super::Tcp) -> Result<super::Connector, String> {
        Ok(tcp)
    }
}
