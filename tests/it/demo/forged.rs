//! Tokens that an attacker would make (RFC 8725 section 2): refused in every way of offering them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use futures_util::SinkExt;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use p256::{PublicKey, elliptic_curve::sec1::ToEncodedPoint, pkcs8::DecodePublicKey};
use serde_json::{Value, json};

use super::{http::request, *};

/// A good token's claims under another header, signed with a key of the attacker's choice.
fn forge(good: &str, header: &Value, key: &[u8]) -> String {
    let claims = good.split('.').nth(1).expect("claims");
    let message = format!("{}.{claims}", B64.encode(header.to_string()));
    let key = EncodingKey::from_secret(key);
    let mac = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signs");
    format!("{message}.{mac}")
}

async fn forgeries(server: &Server) -> Vec<(String, String)> {
    let good = token(server);
    let pem = request(server, "GET /keys HTTP/1.1", "", "").await.body;
    let public = PublicKey::from_public_key_pem(&pem).expect("a public key");
    let point = public.to_encoded_point(false);
    let jwk = json!({"kty": "oct", "k": B64.encode("mine")});
    let mut forgeries = Vec::new();
    for none in ["none", "None", "nOnE"] {
        for kid in ["demo-hs256", "demo-es256"] {
            let token = forge(&good, &json!({"alg": none, "kid": kid}), b"x");
            let (unsigned, _) = token.rsplit_once('.').expect("three parts");
            forgeries.push((format!("alg {none}"), format!("{unsigned}.")));
        }
    }
    for kid in ["demo-hs256", "demo-es256"] {
        let header = json!({"alg": "HS256", "kid": kid});
        let keys = [
            ("PEM", pem.as_bytes()),
            ("trimmed PEM", pem.trim().as_bytes()),
            ("raw", point.as_bytes()),
        ];
        for (name, key) in keys {
            forgeries.push((
                format!("HS256 with the {name} ES256 key as {kid}"),
                forge(&good, &header, key),
            ));
        }
    }
    for header in [
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "kid": "../../../../dev/null"}),
        json!({"alg": "HS256", "kid": "x' UNION SELECT 'mine"}),
        json!({"alg": "HS256", "kid": "demo-hs256", "jwk": jwk}),
        json!({"alg": "HS256", "kid": "demo-hs256", "jku": "http://127.0.0.1:1/keys"}),
        json!({"alg": "HS384", "kid": "demo-hs256"}),
    ] {
        forgeries.push((header.to_string(), forge(&good, &header, b"mine")));
    }
    forgeries.push(("1 MiB".into(), format!("{good}{}", "A".repeat(1 << 20))));
    forgeries
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let server = server(0.0).await;
    for (name, token) in forgeries(&server).await {
        let mut client = open(&server, "/ws").await;
        client.send(login(&token)).await.expect("sent");
        assert_eq!(
            closed(&mut client).await,
            (1008, "Invalid token".to_owned()),
            "{name}"
        );
        let header = format!("Bearer {token}");
        let before = dial(&server, "/strict/ws", Some(&header)).await;
        assert!(before.is_err(), "{name}");
    }
}

#[tokio::test]
async fn the_signature_makes_the_difference() {
    let server = server(0.0).await;
    let good = token(&server);
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let reversed: String = signature.chars().rev().collect();
    let mut refused = open(&server, "/ws").await;
    let changed = format!("{message}.{reversed}");
    refused.send(login(&changed)).await.expect("sent");
    assert_eq!(closed(&mut refused).await.0, 1008);
    let mut accepted = open(&server, "/ws").await;
    accepted.send(login(&good)).await.expect("sent");
    assert_eq!(json(&mut accepted).await["type"], "auth_ok");
}
