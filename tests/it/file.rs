//! Files and images: accepted uploads, paths, access, and expiration.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;

use crate::support::{
    Actor, Answer, App, NOON, PROJECT,
    seed::{OWNER, PROJECT_ID},
};

/// A PNG of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=boundary");

/// A file to upload.
struct Attachment {
    name: String,
    /// The declared content type.
    kind: String,
    /// The content in Base64.
    content: String,
}

impl Attachment {
    fn form(&self) -> Vec<u8> {
        let Self { name, kind, content } = self;
        let content = BASE64_STANDARD.decode(content).expect("valid Base64");
        let disposition = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        let head = format!("--boundary\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n");
        [head.as_bytes(), &content, b"\r\n--boundary--\r\n"].concat()
    }
}

fn png(name: &str) -> Attachment {
    Attachment { name: name.into(), kind: "image/png".into(), content: PNG.into() }
}

fn text(name: &str, kind: &str, content: &[u8]) -> Attachment {
    Attachment { name: name.into(), kind: kind.into(), content: BASE64_STANDARD.encode(content) }
}

async fn send(actor: &Actor<'_>, method: Method, path: &str, file: &Attachment) -> Answer {
    actor.send(method, path, &[FORM], file.form()).await
}

async fn upload(actor: &Actor<'_>, path: &str, file: &Attachment) -> Answer {
    send(actor, Method::POST, &format!("{PROJECT}/files/{path}"), file).await
}

fn path(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap_or_else(|| panic!("no {key}: {answer}")).to_owned()
}

#[tokio::test]
async fn an_asset_is_stored_with_a_thumbnail_read_downloaded_and_deleted() {
    let app = App::new();
    let stored = upload(&app.admin(), "assets", &png("logo.png")).await.json_of(201);
    let (file, small) = (path(&stored, "filename"), path(&stored, "thumbnail"));
    assert!(
        file.starts_with("uploads/projects/5b55e806c93dde00143163dd/files/") && file.ends_with("/logo.png"),
        "{file}"
    );
    assert_eq!(small, file.replace("logo.png", "thumbnails_200_200-logo.png"));

    let nobody = app.nobody();
    let read = nobody.get(&format!("/v3/files?path={file}")).await;
    assert_eq!((read.status.as_u16(), read.header("content-type")), (200, Some("image/png")));
    assert_eq!(read.body, BASE64_STANDARD.decode(PNG).expect("valid Base64"));
    assert_eq!(read.header("content-disposition"), None);
    // The path encoded twice, as returned by the reference server.
    assert_eq!(nobody.get(&format!("/files?path={}", file.replace('/', "%252F"))).await.body, read.body);
    let thumbnail = nobody.get(&format!("/v3/files?path={small}")).await.body;
    // Width and height follow the signature and the name of the first chunk.
    assert_eq!((&thumbnail[16..20], &thumbnail[20..24]), (&[0, 0, 0, 200][..], &[0, 0, 0, 200][..]));

    for path in [format!("/v3/files?path={file}&as_attachment=1"), format!("/v3/files/download?path={file}")] {
        let saved = nobody.get(&path).await;
        assert_eq!(saved.header("content-disposition"), Some("attachment; filename=\"logo.png\""), "{path}");
        assert_eq!(saved.body, read.body);
    }
    let deleted = app.agent().delete(&format!("/v3/files?path={file}")).await.json_of(200);
    assert_eq!(deleted, json!({"message": "File deleted successfully", "filename": &*file}));
    for gone in [file, small] {
        assert_eq!(nobody.get(&format!("/v3/files?path={gone}")).await.json_of(404)["error"], "File not found.");
    }
}

#[tokio::test]
async fn a_file_is_read_with_its_own_type_and_downloaded_with_that_of_its_name() {
    let app = App::new();
    let mut state = app.state().await;
    let file = state["files"][0]["path"].as_str().expect("a path").to_owned();
    assert!(file.ends_with("/document.pdf"), "{file}");
    state["files"][0]["contentType"] = json!("text/x-other");
    app.nobody().put("/_control/state", state).await.json_of(200);
    for (path, kind) in [("files", "text/x-other; charset=utf-8"), ("files/download", "application/pdf")] {
        let read = app.nobody().get(&format!("/v3/{path}?path={file}")).await;
        assert_eq!((read.status.as_u16(), read.header("content-type")), (200, Some(kind)), "{path}");
    }
}

/// Uploads share their origin with the control API, so browsers must not execute them.
#[tokio::test]
async fn downloads_cannot_run_in_the_origin_of_the_server() {
    let app = App::new();
    let script = b"<script>fetch('/_control/state')</script>";
    for (name, kind, attached) in [
        ("a.html", "text/html", true),
        ("a.txt", "text/html", true),
        ("a.svg", "image/svg+xml", true),
        ("a.js", "text/javascript", true),
        ("a.xhtml", "application/xhtml+xml", true),
        ("a.txt", "text/plain", false),
    ] {
        let stored =
            send(&app.guest().await, Method::POST, "/v3/files/users", &text(name, kind, script)).await.json_of(201);
        let read = app.nobody().get(&format!("/v3/files?path={}", path(&stored, "filename"))).await;
        assert_eq!(read.status.as_u16(), 200, "{name}");
        assert_eq!(read.header("x-content-type-options"), Some("nosniff"), "{name}");
        assert_eq!(read.header("content-security-policy"), Some("sandbox; default-src 'none'"), "{name}");
        let disposition = attached.then(|| format!("attachment; filename=\"{name}\""));
        assert_eq!(read.header("content-disposition"), disposition.as_deref(), "{name} as {kind}");
    }
    let image = send(&app.nobody(), Method::POST, "/v3/images/public", &png("a.png")).await.json_of(201);
    let read = app.nobody().get(&format!("/v3/images?path={}", path(&image, "filename"))).await;
    assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(read.header("content-disposition"), None);
}

#[tokio::test]
async fn the_content_of_a_file_must_match_its_name_and_declared_type() {
    let app = App::new();
    let admin = app.admin();
    let refused = [
        (text("setup.exe", "application/octet-stream", b"MZ"), "File extension .exe is not allowed"),
        (text("README", "text/plain", b"x"), "File extension  is not allowed"),
        (
            text("a.pdf", "image/png", b"%PDF-1.4"),
            "File content does not match mimetype. Detected: application/pdf, provided: image/png",
        ),
        (
            text("a.pdf", "application/pdf", b"no PDF"),
            "File content does not match mimetype. Detected: unknown, provided: application/pdf",
        ),
        (
            Attachment { kind: "image/jpeg".into(), ..png("a.jpg") },
            "File content does not match mimetype. Detected: image/png, provided: image/jpeg",
        ),
        (
            Attachment { kind: "text/plain".into(), ..png("a.txt") },
            "File content does not match mimetype. Detected: image/png, provided: text/plain",
        ),
    ];
    let before = app.state().await;
    for (file, words) in &refused {
        assert_eq!(upload(&admin, "assets", file).await.json_of(403), json!({"success": false, "error": words}));
    }
    let large = text("a.txt", "text/plain", &vec![b'x'; 1_024_001]);
    let words = json!({"success": false, "error": "File too large", "code": "LIMIT_FILE_SIZE"});
    assert_eq!(upload(&admin, "assets", &large).await.json_of(413), words);
    assert_eq!(app.state().await, before);
    upload(&admin, "assets", &text("a.txt", "text/plain", &vec![b'x'; 1_024_000])).await.json_of(201);
    // Text formats cannot be distinguished; files that are not images have no thumbnail.
    let csv = upload(&admin, "assets", &text("a.csv", "text/csv", b"a,b")).await.json_of(201);
    assert_eq!(csv.get("thumbnail"), None);
    // It has the signature of an image, but cannot be decoded.
    let broken = upload(&admin, "assets", &text("a.png", "image/png", b"\x89PNG\r\n\x1a\nbroken")).await.json_of(201);
    assert_eq!(broken.get("thumbnail"), None);
}

#[tokio::test]
async fn a_form_has_exactly_one_file_with_the_expected_name() {
    let app = App::new();
    let admin = app.admin();
    let assets = format!("{PROJECT}/files/assets");
    let part = |name: &str| {
        format!(
            "--boundary\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n"
        )
    };
    let field = "--boundary\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n";
    let before = app.state().await;
    let unexpected = json!({"success": false, "error": "Unexpected field", "code": "LIMIT_UNEXPECTED_FILE"});
    for form in [part("other"), part("file") + &part("file")] {
        let answer = admin.send(Method::POST, &assets, &[FORM], form + "--boundary--\r\n").await;
        assert_eq!(answer.json_of(400), unexpected);
    }
    let missing = json!({"success": false, "error": "No file uploaded"});
    for (kind, body) in [
        (FORM.1, format!("{field}--boundary--\r\n")),
        ("application/json", "{}".to_owned()),
        ("text/plain", part("file")),
    ] {
        let answer = admin.send(Method::POST, &assets, &[("content-type", kind)], body).await;
        assert_eq!(answer.json_of(400), missing, "{kind}");
    }
    for (kind, body, words) in [
        ("multipart/form-data", part("file"), "Multipart: Boundary not found"),
        (FORM.1, part("file"), "Unexpected end of form"),
        (FORM.1, "nonsense".to_owned(), "Unexpected end of form"),
    ] {
        let answer = admin.send(Method::POST, &assets, &[("content-type", kind)], body).await;
        assert_eq!(answer.json_of(400), json!({"success": false, "error": words}));
    }
    assert_eq!(app.state().await, before);
    let answer = admin.send(Method::POST, &assets, &[FORM], format!("{field}{}--boundary--\r\n", part("file"))).await;
    answer.json_of(201);
}

#[tokio::test]
async fn file_names_cannot_escape_their_folder() {
    let app = App::new();
    for name in ["../../../users/photo.txt", "..\\..\\photo.txt", "/etc/photo.txt", "photo\t.txt"] {
        let stored = upload(&app.admin(), "assets", &text(name, "text/plain", b"x")).await.json_of(201);
        let file = path(&stored, "filename");
        assert!(file.ends_with("/photo.txt") && file.split('/').count() == 6, "{name}: {file}");
    }
    for path in [
        "uploads/projects/../projects/65c5f3599faf2d04cd7da528/files/uuid/logo.png",
        "../fixtures/seed.json",
        "%2Fetc%2Fpasswd",
    ] {
        app.nobody().get(&format!("/v3/files?path={path}")).await.json_of(404);
        app.owner().delete(&format!("/v3/files?path={path}")).await.json_of(404);
    }
}

#[tokio::test]
async fn files_expire() {
    let app = App::new();
    let admin = app.admin();
    let asset = text("a.txt", "text/plain", b"x");
    let brief = path(&upload(&admin, "assets?expiration=60", &asset).await.json_of(201), "filename");
    let lasting = path(&upload(&admin, "assets?expiration=0", &asset).await.json_of(201), "filename");
    let chat = path(&upload(&app.guest().await, "chat", &asset).await.json_of(201), "filename");
    let state = app.state().await;
    assert_eq!(upload(&admin, "assets?expiration=soon", &asset).await.json_of(422)["errors"][0]["param"], "expiration");

    for (seconds, left) in [(59, 3), (60, 2), (30 * 86_400 - 1, 2), (30 * 86_400, 1)] {
        let later = App::with(|config| {
            config.clock = ClockSetting::Frozen(NOON + seconds * 1_000);
            config.seed = 1;
        });
        later.nobody().call(Method::PUT, "/_control/state", Some(state.clone())).await;
        let mut there = 0;
        for file in [&brief, &chat, &lasting] {
            let status = later.nobody().get(&format!("/v3/files?path={file}")).await.status.as_u16();
            there += usize::from(status == 200);
        }
        assert_eq!(there, left, "after {seconds} s");
        // Expired files are removed by the next upload.
        upload(&later.admin(), "assets", &asset).await.json_of(201);
        let files = later.state().await["files"].as_array().map_or(0, Vec::len);
        let before = state["files"].as_array().map_or(0, Vec::len);
        assert_eq!(files, before - (3 - left) + 1, "after {seconds} s");
    }
}

#[tokio::test]
async fn the_project_defines_the_file_types_allowed_in_conversations() {
    let app = App::new();
    let guest = app.guest().await;
    let words = text("a.md", "text/markdown", b"# x");
    for actor in [&guest, &app.agent()] {
        upload(actor, "chat", &words).await.json_of(403);
    }
    let settings = json!({"settings": {"allowed_upload_extentions": ".txt, .MD"}});
    app.owner().put(&format!("/v3/projects/{PROJECT_ID}"), settings).await.json_of(200);
    upload(&app.agent(), "chat", &words).await.json_of(201);
    upload(&guest, "chat", &words).await.json_of(403);
    let widget = json!({"widget": {"allowedUploadExtentions": "*/*"}});
    app.owner().put(&format!("/v3/projects/{PROJECT_ID}"), widget).await.json_of(200);
    let stored = upload(&guest, "chat", &words).await.json_of(201);
    assert!(path(&stored, "filename").starts_with("uploads/users/"), "{stored}");
    // Images in conversations have no thumbnails.
    assert_eq!(upload(&guest, "chat", &png("a.png")).await.json_of(201).get("thumbnail"), None);
}

#[tokio::test]
async fn an_avatar_has_one_path_and_is_replaced_by_its_owner() {
    let app = App::new();
    let agent = app.agent();
    let first = upload(&agent, "users/photo", &png("me.png")).await.json_of(201);
    let file = path(&first, "filename");
    assert!(file.ends_with("/images/photo.jpg"), "{file}");
    let before = app.state().await;
    let again =
        upload(&agent, "users/photo", &text("me.gif", "image/gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;")).await;
    assert_eq!(again.json_of(201)["filename"], file.as_str());
    assert_eq!(app.nobody().get(&format!("/v3/files?path={file}")).await.header("content-type"), Some("image/gif"));
    let count = |state: &Value| state["files"].as_array().map_or(0, Vec::len);
    // The new one cannot be decoded for a thumbnail, and the old one is gone.
    assert_eq!(count(&app.state().await), count(&before) - 1);

    let pdf = upload(&agent, "users/photo", &text("me.pdf", "application/pdf", b"%PDF-1.4")).await;
    assert_eq!(pdf.json_of(403)["error"], "File extension .pdf is not allowed for avatar");
    let bot = "users/photo?bot_id=65c5f3599faf2d04cd7da528";
    let stored = upload(&app.admin(), bot, &png("bot.png")).await.json_of(201);
    assert_eq!(stored["filename"], "uploads/users/65c5f3599faf2d04cd7da528/images/photo.jpg");
    let words = "You don't have the role required to modify the chatbot";
    assert_eq!(upload(&agent, bot, &png("bot.png")).await.json_of(403)["error"], words);
    for id in ["65c5f3599faf2d04cd7da520", "bot"] {
        let unknown = upload(&app.admin(), &format!("users/photo?bot_id={id}"), &png("bot.png")).await;
        assert_eq!(unknown.json_of(404)["error"], "Chatbot not found");
    }
    // A bot of a project that the caller is not a member of.
    let mut foreign = app.state().await;
    foreign["bots"][0]["id_project"] = json!("5ebd890292befe0019054973");
    let bot = foreign["bots"][0]["_id"].as_str().expect("bots have ids").to_owned();
    app.nobody().put("/_control/state", foreign).await;
    let refused = upload(&app.admin(), &format!("users/photo?bot_id={bot}"), &png("bot.png")).await;
    assert_eq!(refused.json_of(401)["error"], "You don't belong to the chatbot's project");
}

#[tokio::test]
async fn images_are_stored_separately() {
    let app = App::new();
    let owner = app.owner();
    let image = send(&owner, Method::POST, "/v3/images/users", &png("a.png")).await.json_of(201);
    let (image, small) = (path(&image, "filename"), path(&image, "thumbnail"));
    let asset = path(&upload(&owner, "assets", &png("a.png")).await.json_of(201), "filename");
    let nobody = app.nobody();
    for found in [&image, &small] {
        assert_eq!(nobody.get(&format!("/v3/images?path={found}")).await.header("content-type"), Some("image/png"));
        assert_eq!(nobody.get(&format!("/v3/files?path={found}")).await.header("content-type"), Some("image/png"));
    }
    assert_eq!(nobody.get(&format!("/v3/images?path={asset}")).await.json_of(404)["msg"], "Image not found.");
    assert_eq!(owner.delete(&format!("/images/users?path={asset}")).await.json_of(404)["msg"], "Error deleting image.");
    for path in ["/v3/images", "/v3/images?path="] {
        assert_eq!(nobody.get(path).await.json_of(400)["msg"], "Path parameter is required");
    }
    owner.delete(&format!("/images/users?path={image}")).await.json_of(200);
    nobody.get(&format!("/v3/images?path={small}")).await.json_of(404);

    let refused = json!({"success": false, "msg": "Error uploading user image."});
    for file in [text("a.pdf", "application/pdf", b"%PDF-1.4"), Attachment { kind: "image/gif".into(), ..png("a.gif") }]
    {
        assert_eq!(send(&nobody, Method::POST, "/images/public", &file).await.json_of(400), refused);
    }
    assert_eq!(owner.post("/images/users", json!({})).await.json_of(400), refused);
}

#[tokio::test]
async fn an_image_with_a_fixed_name_is_replaced_only_by_force() {
    let app = App::new();
    let owner = app.owner();
    let photo = "/images/users/photo";
    send(&owner, Method::PUT, photo, &png("a.png")).await.json_of(201);
    let before = app.state().await;
    assert_eq!(send(&owner, Method::PUT, photo, &png("b.png")).await.json_of(409)["success"], false);
    assert_eq!(app.state().await, before);
    send(&owner, Method::PUT, &format!("{photo}?force=true"), &png("b.png")).await.json_of(201);
    // Another user has a separate folder.
    send(&app.agent(), Method::PUT, photo, &png("a.png")).await.json_of(201);
    send(&owner, Method::PUT, "/images/users", &png("a.png")).await.json_of(201);
    send(&owner, Method::PUT, "/images/users", &png("a.png")).await.json_of(409);
    send(&owner, Method::PUT, "/images/users", &png("b.png")).await.json_of(201);
    app.advance("31d").await;
    for (name, status) in [("photo.jpg", 200), ("a.png", 404)] {
        let image = format!("/v3/images?path=uploads/users/{OWNER}/images/{name}");
        let answer = app.nobody().get(&image).await;
        assert_eq!(answer.status.as_u16(), status, "only the photo remains: {name}");
    }
}

/// Uploads a file of `count` bytes.
async fn send_bytes(actor: &Actor<'_>, path: &str, count: usize) -> Answer {
    let head = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";
    let form = [head.as_bytes(), &vec![0; count], b"\r\n--boundary--\r\n"].concat();
    actor.send(Method::POST, path, &[FORM], form).await
}

#[tokio::test]
async fn uploads_of_a_sandbox_are_limited_to_64_mib() {
    let app = App::new();
    let (nobody, owner) = (app.nobody(), app.owner());
    let file = path(&send_bytes(&owner, "/files/users", 63 << 20).await.json_of(201), "filename");
    let full = send_bytes(&owner, "/files/users", 1 << 20).await.json_of(413);
    assert_eq!(full["code"], "LIMIT_STORAGE", "{full}");
    // Another sandbox has its own quota.
    send_bytes(&owner, "/_sandbox/other/files/users", 1 << 20).await.json_of(201);
    owner.delete(&format!("/files?path={file}")).await.json_of(200);
    send_bytes(&owner, "/files/users", 1 << 20).await.json_of(201);
    // A form that exceeds the quota is not read to the end.
    assert_eq!(send_bytes(&owner, "/files/users", 64 << 20).await.json_of(413)["code"], "LIMIT_FILE_SIZE");
    // A reset restores the original files, and an export can be imported.
    nobody.post("/_control/reset", Value::Null).await.json_of(200);
    nobody.get(&format!("/v3/files?path={file}")).await.json_of(404);
    send(&owner, Method::PUT, "/images/users/photo", &png("a.png")).await.json_of(201);
    let state = app.state().await;
    nobody.post("/_control/reset", Value::Null).await.json_of(200);
    nobody.put("/_control/state", state.clone()).await;
    assert_eq!(app.state().await, state);
}
