//! TLS for links: which servers are believed, and what went wrong in plain words.
//!
//! Every configuration names its crypto provider (ring): a second one somewhere in the build must not matter.

use std::{io, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use secrecy::zeroize::Zeroizing;

use crate::{
    cause::Cause,
    profile::{Identity, Tls},
    time::Wall,
};

/// The TLS configuration of a profile. Reads the system's certificates and the CA file anew: it blocks for some
/// milliseconds.
///
/// # Errors
/// [`Cause::Tls`] that names the file, or what the system lacks.
pub fn config(tls: &Tls) -> Result<Arc<ClientConfig>, Cause> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(tls, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &tls.identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = read_identity(identity).map_err(certificate)?;
            let shown = identity.key.display();
            let config = config.with_client_auth_cert(chain, key);
            config.map_err(|error| {
                certificate(format!(
                    "the key file {shown} does not fit the certificate: {error}"
                ))
            })?
        }
    };
    // As browsers do for wss: a server that also speaks HTTP/2 must not choose it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn verifier(
    tls: &Tls,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Cause> {
    if tls.insecure {
        return Ok(Arc::new(AcceptAnyCertificate(provider.clone())));
    }
    let extra = match &tls.ca {
        Some(path) => read_certificates("CA", path).map_err(certificate)?,
        None => Vec::new(),
    };
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(|error| {
        let file = tls.ca.as_ref();
        let file = file.map_or_else(String::new, |path| format!("{}: ", path.display()));
        certificate(format!(
            "{file}{error}; install the system's CA certificates or name a CA file with `tls.ca`"
        ))
    })?;
    Ok(Arc::new(verifier))
}

fn read_identity(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain = read_certificates("certificate", &identity.cert)?;
    let shown = identity.key.display();
    let pem = std::fs::read(&identity.key)
        .map(Zeroizing::new)
        .map_err(|error| format!("the key file {shown} cannot be read: {error}"))?;
    let wrong = || {
        if memchr::memmem::find(&pem, b"ENCRYPTED").is_some() {
            format!(
                "the key in {shown} is encrypted; decrypt it: openssl pkey -in {shown} -out key.pem"
            )
        } else {
            format!(
                "the key file {shown} holds no private key in PEM ('-----BEGIN PRIVATE KEY-----')"
            )
        }
    };
    Ok((
        chain,
        PrivateKeyDer::from_pem_slice(&pem).map_err(|_| wrong())?,
    ))
}

fn read_certificates(what: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let pem = std::fs::read(path)
        .map_err(|error| format!("the {what} file {shown} cannot be read: {error}"))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the {what} file {shown} is not good PEM: {error}"))?;
    if certificates.is_empty() {
        return Err(format!(
            "the {what} file {shown} holds no certificate; it must hold '-----BEGIN CERTIFICATE-----' blocks"
        ));
    }
    Ok(certificates)
}

/// Accepts whatever certificate the server shows: for `insecure` profiles only. Signatures are still checked, so
/// that the server at least holds the key of what it shows.
#[derive(Debug)]
struct AcceptAnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The cause for a handshake that failed.
pub fn handshake_fault(error: &io::Error) -> Cause {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(inner) = inner {
        return fault(inner);
    }
    protocol(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the server closed the connection during the handshake".into()
        }
        io::ErrorKind::ConnectionReset => {
            "the server reset the connection during the handshake".into()
        }
        _ => error.to_string(),
    })
}

fn fault(error: &Error) -> Cause {
    match error {
        Error::InvalidCertificate(error) => certificate(certificate_words(error)),
        Error::NoCertificatesPresented => certificate("the server shows none".into()),
        Error::InvalidMessage(_) => protocol(
            "the server does not speak TLS on this port; for a plain server write ws: in place of wss:"
                .into(),
        ),
        error => protocol(error.to_string()),
    }
}

fn certificate_words(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "it has expired".into(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("it expired on {}", date(*not_after))
        }
        CertificateError::NotValidYet => "it is not valid yet; is this computer's clock right?".into(),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "it is valid only from {}; is this computer's clock right?",
            date(*not_before)
        ),
        CertificateError::UnknownIssuer => {
            "no authority trusted by this system has signed it; if it is of your own CA, name that with `tls.ca`"
                .into()
        }
        CertificateError::NotValidForName => "it is for another name".into(),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "it is for {}, not for {}; if it is the server of a gateway or tunnel, tell its name with `tls.server-name`",
            presented
                .iter()
                .map(|name| bare_name(name))
                .collect::<Vec<_>>()
                .join(", "),
            expected.to_str()
        ),
        CertificateError::BadSignature => "the authority it names has not signed it".into(),
        CertificateError::Revoked => "its authority has revoked it".into(),
        error => error.to_string(),
    }
}

/// `DnsName("feed.test")`, as the library writes it, without the wrapping.
fn bare_name(name: &str) -> &str {
    name.split_once('(').map_or(name, |(_, inner)| {
        inner.trim_end_matches(')').trim_matches('"')
    })
}

fn date(time: UnixTime) -> Wall {
    Wall::from_seconds(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

const fn certificate(text: String) -> Cause {
    Cause::Tls {
        certificate: true,
        text,
    }
}

const fn protocol(text: String) -> Cause {
    Cause::Tls {
        certificate: false,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(ca: &Path) -> String {
        let tls = Tls {
            ca: Some(ca.to_owned()),
            ..Tls::default()
        };
        match config(&tls) {
            Err(Cause::Tls {
                certificate: true,
                text,
            }) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_ca_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(refused(&path).contains("ca.pem cannot be read"));
        std::fs::write(&path, "no PEM at all").unwrap();
        assert!(refused(&path).contains("ca.pem holds no certificate"));
        std::fs::write(
            &path,
            "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        assert!(refused(&path).contains("ca.pem is not good PEM"));
        std::fs::write(
            &path,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        assert!(refused(&path).contains("ca.pem"));
    }
}
