//! Creation of accounts, members, conversations, and other documents of the default world.

use serde_json::{Value, json};

use super::{
    super::{
        rebase::{Named, OWNER, PASSWORD, key_of, mapped, markers},
        recipe::{IDS, as_nobody, as_owner, create},
    },
    Obstacle, Scope, Stage,
};

impl Stage<'_> {
    /// Creates the object of a marker, unless it exists.
    pub(super) async fn ensure(&mut self, key: &str, project: &str) -> Result<(), Obstacle> {
        let is_ready = self.ready.contains(key) || self.ready_for_case.contains(key);
        // Users may still have to become members.
        if is_ready && !key.starts_with("users:") {
            return Ok(());
        }
        let mut parts = key.split(':');
        let (collection, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match collection {
            "password" | "saved" => return Ok(()),
            "unique" => {
                let unique = format!("{}-{}-{id}", self.tag, self.cases);
                self.share(key, &unique);
            }
            "visitor" => {
                let body = json!({"id_project": format!("⟦{project}⟧"), "firstname": "Maria"});
                let sign_in = as_nobody("/v3/auth/signinAnonymously", body);
                self.set_up(&sign_in, &[(key, &["/token"])], Scope::Case).await?;
            }
            "email" => {
                let address = format!("{id}-{}-{}@example.com", self.tag, self.cases);
                self.share(key, &address);
            }
            "users" => return self.ensure_user(id, project).await,
            "project_users" => return self.ensure_member(id, project).await,
            "requests" => return self.ensure_request(id, project).await,
            _ => return self.ensure_document(key, project).await,
        }
        self.ready_for_case.insert(key.to_owned());
        Ok(())
    }

    /// The same value on all servers.
    fn share(&mut self, key: &str, value: &str) {
        for side in &mut self.sides {
            side.values.insert(key.to_owned(), value.to_owned());
        }
    }

    /// Signs a user up, and invites the user if they are a member of the documented project.
    async fn ensure_user(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_email] = [Named::ById, Named::Otherwise].map(|named| key_of("users", id, named));
        if id == OWNER {
            return Ok(());
        }
        if !self.ready.contains(&by_id) {
            let user = self.document(&by_id).map_or(&Value::Null, |document| &document.value);
            let [email, first, last] =
                ["email", "firstname", "lastname"].map(|name| user[name].as_str().unwrap_or("-"));
            let local = email.split('@').next().unwrap_or_default();
            let address = format!("{local}-{}@example.com", self.tag);
            for side in &mut self.sides {
                side.kept.insert(by_email.clone(), address.clone());
            }
            let account = json!({"email": address, "password": PASSWORD, "firstname": first, "lastname": last});
            let sign_up = as_nobody("/v3/auth/signup", account);
            self.set_up(&sign_up, &[(&by_id, &["/user/_id"])], Scope::Stage).await?;
            self.ready.extend([by_id, by_email.clone()]);
        }
        let documented = project.strip_prefix("projects:").unwrap_or_default();
        let membership = self.world.all("project_users").find(|member| {
            member.value["id_user"] == id && member.value["id_project"] == documented && member.value["trashed"] != true
        });
        let Some(membership) = membership else { return Ok(()) };
        let member = key_of("project_users", &membership.id, Named::ById);
        if self.ready.contains(&member) {
            return Ok(());
        }
        // The project of the stage represents all documented projects of the user.
        let any = format!("member:{id}");
        if !self.ready.contains(&any) {
            let role = membership.value["role"].as_str().unwrap_or("agent");
            let role = if role == "owner" { "admin" } else { role };
            let body = json!({"email": format!("⟦{by_email}⟧"), "role": role, "user_available": true});
            let invite = as_owner("POST", "/v3/⟦project⟧/project_users/invite".to_owned(), Some(body));
            self.set_up(&invite, &[(&any, &["/_id", "/project_user/_id"])], Scope::Stage).await?;
            self.ready.insert(any.clone());
        }
        for side in &mut self.sides {
            let value = side.kept.get(&any).cloned().unwrap_or_default();
            side.kept.insert(member.clone(), value);
        }
        self.ready.insert(member);
        Ok(())
    }

    /// A member: a user, or a visitor.
    async fn ensure_member(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_uuid] = [Named::ById, Named::Otherwise].map(|named| key_of("project_users", id, named));
        let member = self.document(&by_id).map_or(&Value::Null, |document| &document.value);
        if let Some(user) = member["id_user"].as_str() {
            let user = user.to_owned();
            Box::pin(self.ensure_user(&user, project)).await?;
            return if self.ready.contains(&by_id) {
                Ok(())
            } else {
                Err(Obstacle::Impossible("it needs a member that cannot be invited".to_owned()))
            };
        }
        let body = json!({"id_project": "⟦project⟧", "firstname": "Guest"});
        let sign_in = as_nobody("/v3/auth/signinAnonymously", body);
        self.set_up(&sign_in, &[(&by_uuid, &["/user/_id"])], Scope::Case).await?;
        self.ready_for_case.insert(by_uuid);
        Ok(())
    }

    async fn ensure_request(&mut self, id: &str, project: &str) -> Result<(), Obstacle> {
        let [by_id, by_name] = [Named::ById, Named::Otherwise].map(|named| key_of("requests", id, named));
        let request = self.document(&by_id).map(|document| document.value.clone()).unwrap_or_default();
        let name = format!("support-group-{}-{}-{}", self.tag, self.cases, self.ready_for_case.len());
        self.share(&by_name, &name);
        self.ready_for_case.insert(by_name.clone());
        let path = format!("/v3/⟦project⟧/requests/⟦{by_name}⟧");
        let mut body = serde_json::Map::new();
        for field in ["first_text", "sourcePage", "language", "userAgent", "participants", "priority"] {
            let value = &request[field];
            if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
                body.insert(field.to_owned(), value.clone());
            }
        }
        let create = as_owner("POST", path.clone(), Some(body.into()));
        let create = mapped(&create, &|text| self.world.mark(text));
        for key in markers(&create) {
            Box::pin(self.ensure(&key, project)).await?;
        }
        self.set_up(&create, &[(&by_id, &["/_id"])], Scope::Case).await?;
        if request["status"] == 1000 {
            let close = as_owner("PUT", format!("{path}/close"), Some(json!({})));
            self.set_up(&close, &[], Scope::Case).await?;
        }
        self.ready_for_case.insert(by_id);
        Ok(())
    }

    async fn ensure_document(&mut self, key: &str, project: &str) -> Result<(), Obstacle> {
        let impossible =
            |what: &str| Err(Obstacle::Impossible(format!("it needs {what}, which the API cannot create")));
        let Some(document) = self.document(key) else { return Ok(()) };
        if document.collection == "departments" && document.value["default"] == true {
            let list = as_owner("GET", "/v3/⟦project⟧/departments/allstatus".to_owned(), None);
            self.set_up(&list, &[(key, &["/0/_id"])], Scope::Stage).await?;
            self.ready.insert(key.to_owned());
            return Ok(());
        }
        let Some(call) = create(document) else {
            return impossible(&format!("a document of `{}`", document.collection));
        };
        let call = mapped(&call, &|text| self.world.mark(text));
        for key in markers(&call) {
            if !key.starts_with("projects:") {
                Box::pin(self.ensure(&key, project)).await?;
            }
        }
        for side in &mut self.sides {
            let project = side.kept.get("project").cloned().unwrap_or_default();
            let id = document.value["id_project"].as_str().unwrap_or_default();
            side.values.entry(key_of("projects", id, Named::ById)).or_insert(project);
        }
        self.set_up(&call, &[(key, &IDS)], Scope::Case).await?;
        self.ready_for_case.insert(key.to_owned());
        Ok(())
    }
}
