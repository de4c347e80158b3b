//! JSON Web Tokens: their history, and what tests do to those of a project.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::IssuedToken,
    rules,
    schema::{DecodedToken, TestToken},
};
use crate::{
    http::{Account, Body, Filter, Path, Presenter, Reply, Signer, SortedPage, respond},
    state::query::Selection,
    value::{JsonObject, RawId, Result, Text},
};

pub(crate) struct History;

#[OpenApi(tag = "Section::Jwt")]
impl History {
    /// List issued tokens
    ///
    /// The tokens that sign-ins issued to the caller, newest first, 40 a page. Revoked ones are among them.
    #[oai(path = "/jwt/history", method = "get", operation_id = "list_jwt_history")]
    async fn list(&self, account: Account, filter: Filter<SortedPage>) -> Result<Reply<Vec<IssuedToken>>> {
        let own = Selection::of(vec![vec![IssuedToken::of_owner(&account.caller.id())]]);
        Ok(respond::list(&account.sandbox.state(), own, filter.0.page(rules::PER_PAGE)))
    }

    /// Revoke a token by its jti
    ///
    /// From now on whoever shows that token is refused. Only tokens of the caller can be revoked.
    #[oai(path = "/jwt/history/:jti", method = "delete", operation_id = "revoke_jwt_by_jti")]
    async fn revoke_by_jti(
        &self,
        account: Account,
        /// The claim `jti` of the token.
        jti: Path<Text>,
    ) -> Result<Reply<IssuedToken>> {
        respond::reply(account.sandbox.write(None, |tx| rules::revoke_by_jti(tx, &account.caller, &jti)))
    }

    /// Revoke a token by its entry
    ///
    /// From now on whoever shows that token is refused. Only tokens of the caller can be revoked.
    #[oai(path = "/jwt/history/id/:issued_token_id", method = "delete", operation_id = "revoke_jwt_by_id")]
    async fn revoke_by_id(
        &self,
        account: Account,
        /// Identifier of the entry in the history.
        issued_token_id: Path<RawId<IssuedToken>>,
    ) -> Result<Reply<IssuedToken>> {
        respond::reply(account.sandbox.write(None, |tx| rules::revoke_by_id(tx, &account.caller, &issued_token_id)))
    }
}

pub(crate) struct CustomTokens;

#[OpenApi(tag = "Section::Jwt")]
impl CustomTokens {
    /// Sign a test token
    ///
    /// Signs the body with the secret of the project, as your own system would. The token is valid for five minutes,
    /// unless the body says otherwise. It stands for a visitor: `sub` is `userexternal`, `guest`, or absent, and `_id` is not the
    /// identifier of an account. Visitors have their own `_id` signed only, and administrators also `role`s up to their own.
    #[oai(path = "/jwt/generatetestjwt", method = "post", operation_id = "generate_test_jwt")]
    async fn generate(&self, signer: Signer, body: Body<JsonObject>) -> Result<Reply<TestToken>> {
        rules::sign(&signer.scope, signer.actor.as_ref(), body.0).map(|token| Reply::of(&token))
    }

    /// Decode a custom token
    ///
    /// Answers the claims of the token in the `Authorization` header, if it is signed with the secret of the project and
    /// valid for ten minutes at most.
    #[oai(path = "/jwt/decode", method = "post", operation_id = "decode_project_jwt")]
    async fn decode(&self, presenter: Presenter) -> Result<Reply<DecodedToken>> {
        let Presenter { scope, token } = &presenter;
        let decoded = scope.read(|state| rules::decode(&scope.sandbox, state, scope.project, token));
        decoded.map(|decoded| Reply::of(&decoded))
    }
}
