//! Personal data and secrets are replaced wherever they occur, and nothing else is.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::*;

#[test]
fn the_same_value_gets_the_same_placeholder_wherever_it_is() {
    let mut placeholders = Placeholders::default();
    let mut body = json!({
        "_id": "5c81593adf767b0017d1aa66", "firstname": "Ada", "lastname": "Lovelace", "fullname": "Ada Lovelace",
        "email": "Ada@Example.org", "phone": "0171 234", "text": "Ada: call +49 171 2345678 or write ada@example.org",
        "request_id": "support-group-5c81593adf767b0017d1aa66-82c16d3b10dc4abba2326a5d7611b022",
        "password": "hunter2", "status": 100, "senderFullname": "Guest", "participants": ["5c81593adf767b0017d1aa66"],
        "map": {"5c81593adf767b0017d1aa66": true}, "empty": "", "none": null,
    });
    placeholders.value("", &mut body);
    let id = "5c81593a0000000000000001";
    let expected = json!({
        "_id": id, "firstname": "Name1", "lastname": "Name2", "fullname": "Name1 Name2",
        "email": "user1@example.com", "phone": "+15550000001", "text": "Name1: call +15550000002 or write user1@example.com",
        "request_id": format!("support-group-{id}-00000000000000000000000000000001"),
        "password": "secret1", "status": 100, "senderFullname": "Guest", "participants": [id],
        "map": {id: true}, "empty": "", "none": null,
    });
    assert_eq!(body, expected);
    assert_eq!(
        placeholders.target("/v3/5c81593adf767b0017d1aa66/leads?email=ada%40example.org&token=x"),
        format!("/v3/{id}/leads?email=user1%40example.com&token=secret2")
    );
    assert_eq!(placeholders.target("/auth/resetpsw/hunter2"), "/auth/resetpsw/secret1");
    let mut message = json!({"sender": "bot_5c81593adf767b0017d1aa66", "senderFullname": "Helper Bot"});
    placeholders.value("", &mut message);
    assert_eq!(message, json!({"sender": format!("bot_{id}"), "senderFullname": "Helper Bot"}));
    let before = body.clone();
    placeholders.value("", &mut body);
    assert_eq!(body, before, "placeholders stay");
}

/// A text after the replacement of a lead.
fn replaced(lead: &Value, text: &str) -> String {
    let mut placeholders = Placeholders::default();
    placeholders.value("", &mut lead.clone());
    placeholders.field("text", text)
}

#[test]
fn phone_numbers_are_replaced_in_texts_in_every_format() {
    for (phone, text) in [
        ("0034612345678", "Call 0034612345678!"),
        ("0034612345678", "Call +34 612 345 678!"),
        ("06 12 34 56 78", "Call 06 12 34 56 78!"),
        ("0612345678", "Call 06.12.34.56.78!"),
        ("0151/1234567", "Call 0151/1234567!"),
        ("(020) 7946 0958", "Call (020) 7946 0958!"),
        ("(020) 7946 0958", "Call +44 20 7946 0958!"),
        ("+1 (555) 123-4567", "Call +15551234567!"),
        ("+1 (555) 123-4567", "Call +1 (555) 123-4567!"),
    ] {
        let replaced = replaced(&json!({"phone": phone}), text);
        assert!(replaced == "Call +15550000001!" || replaced == "Call (+15550000001!", "{phone}: {replaced}");
    }
    let mut placeholders = Placeholders::default();
    let mut body = json!([{"phone": "+1 (555) 123-4567"}, {"phone": "+15551234567"}, {"mobile": 15_551_234_567_u64}]);
    placeholders.value("", &mut body);
    assert_eq!(body, json!([{"phone": "+15550000001"}, {"phone": "+15550000001"}, {"mobile": 15_550_000_001_u64}]));
}

#[test]
fn numbers_that_are_no_phone_numbers_stay() {
    let lead = json!({"phone": "+1 (555) 123-4567"});
    for text in ["Order 12345 67890 of 2026-01-01T12:00:00.000Z", "10.000,00 and 1234567890123"] {
        assert_eq!(replaced(&lead, text), text);
    }
    let id = replaced(&json!({"phone": "2345678"}), "order 695659601111111112345678");
    assert_eq!(id, "order 695659600000000000000001", "an ID of digits that ends like a phone number");
    assert_eq!(
        replaced(&lead, "order 12345 5c81593adf767b0017d1aa66"),
        "order 12345 5c81593a0000000000000001",
        "an ID that follows digits"
    );
}

#[test]
fn names_are_replaced_in_texts_with_hyphens_and_apostrophes_and_in_every_script() {
    for (name, text, expected) in [
        ("Anna-Lena Ñandú-Müller", "Anna-Lena Ñandú-Müller called", "Name1-Name2 Name3-Name4 called"),
        ("Jean-Luc Picard", "ask Jean-Luc Picard's team", "ask Name1-Name2 Name3's team"),
        ("Sean O'Neill", "Sean O'Neill, please", "Name1 O'Name2, please"),
        ("Al Xu", "This is Al Xu.", "This is Name1 Name2."),
        ("李雷", "你好李雷先生", "你好Name1先生"),
        ("김철수", "김철수씨 안녕", "Name1씨 안녕"),
        ("Ada", "Ada", "Name1"),
        ("Guest Jo#12", "Guest Jo#12 wrote", "Guest Name1#12 wrote"),
    ] {
        assert_eq!(replaced(&json!({"fullname": name}), text), expected);
    }
    let mut body = json!({"fullname": "Anna-Lena O'Neill"});
    Placeholders::default().value("", &mut body);
    assert_eq!(body, json!({"fullname": "Name1-Name2 O'Name3"}), "as in texts");
}

#[test]
fn names_in_paths_and_queries_are_replaced_although_bodies_follow_them() {
    let mut placeholders = Placeholders::default();
    placeholders.learn("", &json!({"leads": [{"fullname": "José"}]}));
    assert_eq!(placeholders.target("/leads?full_text=Jos%C3%A9"), "/leads?full_text=Name1");
    assert_eq!(placeholders.target("/leads/Jos%C3%A9"), "/leads/Name1");
    assert_eq!(placeholders.target("/leads/a%20b"), "/leads/a%20b");
}

#[test]
fn names_and_addresses_in_attributes_are_replaced() {
    let mut body = json!({"attributes": {
        "first_name": "Ada", "last_name": "Lovelace", "customer_name": "Ada Lovelace", "nickname": "Countess",
        "address": "12 St James Square", "shipping_address": {"line": "Flat 1"},
        "email_address": "ada@example.org", "client_ip": "203.0.113.9", "filename": "a.pdf", "department_name": "Sales",
    }});
    Placeholders::default().value("", &mut body);
    let expected = json!({"attributes": {
        "first_name": "Name1", "last_name": "Name2", "customer_name": "Name1 Name2", "nickname": "Name3",
        "address": "1 Example Street", "shipping_address": {"line": "2 Example Street"},
        "email_address": "user1@example.com", "client_ip": "192.0.2.1", "filename": "a.pdf", "department_name": "Sales",
    }});
    assert_eq!(body, expected);
}

#[test]
fn secrets_in_the_urls_of_bodies_are_replaced() {
    let mut body = json!({"target": "https://ann:pw@hooks.example.com/x?token=HOOKTOKEN&key=HOOKKEY&page=1"});
    Placeholders::default().value("", &mut body);
    let expected = "https://secret1@hooks.example.com/x?token=secret2&key=secret3&page=1";
    assert_eq!(body, json!({"target": expected}));
}

#[test]
fn tables_are_replaced_by_column() {
    let mut placeholders = Placeholders::default();
    let table = "fullname;email;note\r\n\"Ada \"\"A\"\" Lovelace\";ada@example.org;\"Ada;\nhi\"\r\n;;5\r\n";
    let expected = "fullname;email;note\r\n\"Name1 \"\"A\"\" Name2\";user1@example.com;\"Name1;\nhi\"\r\n;;5\r\n";
    assert_eq!(placeholders.csv(table), expected);
    assert_eq!(placeholders.csv("Fullname,Page\nAda Lovelace,1\n"), "Fullname,Page\nName1 Name2,1\n");
}

#[test]
fn tokens_stand_for_the_account_that_signed_in() {
    let mut placeholders = Placeholders::default();
    let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"email":"ada@example.org"}"#);
    let token = format!("eyJh.{claims}.s");
    let basic = |text: &str| Credentials::Basic(text.to_owned());
    assert_eq!(placeholders.credentials(&format!("JWT {token}")), basic("user1@example.com:secret1"));
    placeholders.sign_in("ada@example.org", "hunter2", "JWT eyJa.e30.x");
    assert_eq!(placeholders.credentials("JWT eyJa.e30.x"), basic("user1@example.com:secret2"));
    let header = format!("Basic {}", BASE64_STANDARD.encode("ada@example.org:hunter2"));
    assert_eq!(placeholders.credentials(&header), basic("user1@example.com:secret2"));
    assert_eq!(placeholders.credentials("JWT eyJb.e30.y"), Credentials::Header("JWT token1".to_owned()));
    assert_eq!(placeholders.credentials("opaque"), Credentials::Header("secret3".to_owned()));
}
