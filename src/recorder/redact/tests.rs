//! Secrets are masked wherever they occur, and nothing else is.

use serde_json::json;

use super::*;
use crate::recorder::headers::HeaderInterner;

#[test]
fn secrets_of_any_type_are_masked_in_documents() {
    let mut told = json!({
        "email": "a@b.c", "password": "123", "user": [{"new_psw": "x", "jwtSecret": ["y"], "text": "see eyJa.b.c!"}],
        "token": 5, "tokens": "few", "pass": {"a": 1}, "secret": null, "apiKey": "",
        "payload": r#"{"x-hook-secret":"s","a":1}"#, "target": "http://a:b@c.example/?x=1&access_token=2",
    });
    json(&mut told);
    let expected = json!({
        "email": "a@b.c", "password": "***", "user": [{"new_psw": "***", "jwtSecret": "***", "text": "see ***!"}],
        "token": "***", "tokens": "few", "pass": "***", "secret": null, "apiKey": "",
        "payload": r#"{"x-hook-secret":"***","a":1}"#, "target": "http://***@c.example/?x=1&access_token=***",
    });
    assert_eq!(told, expected);
}

#[test]
fn secrets_are_masked_in_bodies_of_any_format() {
    for (sent, shown) in [
        ("email=a&password=1%202", "email=a&password=***"),
        ("pass%77ord=SECRET&a[password]=SECRET&b=2", "pass%77ord=***&a[password]=***&b=2"),
        ("a=b", "a=b"),
        ("a=1;password=SECRET&b=2;c=3", "a=1;password=***&b=2;c=3"),
        ("password2=SECRET&secretKey=SECRET", "password2=***&secretKey=***"),
        (r#"{"email":"a","password":"SECRET","#, r#"{"email":"a","password":***,"#),
        (r#"{"password" : "SEC\"RET", "b": 1"#, r#"{"password" : ***, "b": 1"#),
        (r#"{"password":["SECRET", "x"#, r#"{"password":***"#),
        (r#"{"pass\u0077ord":"SECRET","#, r#"{"pass\u0077ord":***,"#),
        (r#"{"a":1,"token":12345"#, r#"{"a":1,"token":***"#),
        ("{'secret': 'SECRET'}", "{'secret': ***}"),
        (
            "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nSECRET\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n",
            "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n***\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n",
        ),
    ] {
        assert_eq!(body(sent.as_bytes()), Some(json!(shown)), "{sent}");
    }
    let cut = body(b"{\"password\":\"SECRET\xff\"").map(|shown| shown.to_string());
    assert!(cut.is_some_and(|shown| !shown.contains("SECRET")));
    assert_eq!(body(b""), None);
}

#[test]
fn secrets_are_masked_in_targets() {
    for (sent, shown) in [
        ("/p?secret_token=1&x=2", "/p?secret_token=***&x=2"),
        ("/p?key=SECRET&keys=2", "/p?key=***&keys=2"),
        ("/p?%74oken=SECRET", "/p?%74oken=***"),
        ("/p?%2574oken=SECRET", "/p?%2574oken=***"),
        ("/p?x=2", "/p?x=2"),
        ("/p?x=eyJa.b.c", "/p?x=***"),
        ("/v3/auth/resetpsw/SECRET", "/v3/auth/resetpsw/***"),
        ("/auth/checkpswresetkey/SECRET?a=1", "/auth/checkpswresetkey/***?a=1"),
        ("/auth/CHECKPSWRESETKEY//./SECRET", "/auth/CHECKPSWRESETKEY//./***"),
        ("/auth/resetps%77;x/SECRET", "/auth/resetps%77;x/***"),
        ("/auth/verifyemail/5aaa99024c3b110014b478f0/SECRET", "/auth/verifyemail/5aaa99024c3b110014b478f0/***"),
    ] {
        assert_eq!(target(sent), shown);
    }
}

#[test]
fn secrets_are_masked_in_headers() {
    for (name, sent, shown) in [
        ("authorization", "Basic YTpi", "Basic ***"),
        ("authorization", "SECRET", "***"),
        ("proxy-authorization", "Basic YTpi", "Basic ***"),
        ("x-hook-secret", "s", "***"),
        ("x-api-key", "s t", "***"),
        ("x-auth-key", "SECRET", "***"),
        ("x-session-id", "SECRET", "***"),
        ("cookie", "sid=SECRET; x", "sid=***;***"),
        ("set-cookie", "sid=SECRET; Path=/", "sid=***; Path=/"),
        ("referer", "http://a.example/?token=SECRET", "http://a.example/?token=***"),
        ("user-agent", "curl/8", "curl/8"),
    ] {
        let mut sent_headers = http::HeaderMap::new();
        sent_headers.insert(name, http::HeaderValue::from_static(sent));
        let masked = headers(&HeaderInterner::default().head("", &sent_headers));
        assert_eq!(masked[name], json!(shown), "{name}: {sent}");
    }
}

#[test]
fn similarly_named_fields_are_not_masked() {
    for name in
        ["tokens", "max_tokens", "key", "keys", "passenger", "compass_id", "code", "email", "secretary", "side", "key1"]
    {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn the_value_of_a_refused_secret_is_masked() {
    let mut errors = serde_json::json!({"errors": [
        {"value": ["hunter2"], "msg": "Invalid value", "param": "user.password", "reason": "[\"hunter2\"] is not a string"},
        {"pointer": "/oldpsw", "detail": "7 is not a string"},
        {"value": 5, "msg": "Invalid value", "param": "fullname"},
    ]});
    json(&mut errors);
    let text = errors.to_string();
    assert!(!text.contains("hunter2") && !text.contains("7 is"), "{text}");
    assert_eq!(errors["errors"][2]["value"], 5);
}
