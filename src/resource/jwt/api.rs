//! JSON Web Tokens: the history of issued tokens, and test tokens signed with the secret of a project.

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
    /// Lists the tokens issued to the caller at sign-in, newest first by default, 40 per page. Revoked tokens are
    /// included.
    ///
    /// Returns one page of issued tokens.
    #[oai(path = "/jwt/history", method = "get", operation_id = "list_jwt_history")]
    async fn list(&self, account: Account, filter: Filter<SortedPage>) -> Result<Reply<Vec<IssuedToken>>> {
        let own = Selection::of(vec![vec![IssuedToken::of_owner(&account.caller.id())]]);
        Ok(respond::list(&account.sandbox.state(), own, filter.0.page(rules::PER_PAGE)))
    }

    /// Revoke a token by `jti`
    ///
    /// Requests that present the token are rejected from now on. Only the caller's own tokens can be revoked (otherwise
    /// 404).
    ///
    /// Returns the history entry of the revoked token.
    #[oai(path = "/jwt/history/:jti", method = "delete", operation_id = "revoke_jwt_by_jti")]
    async fn revoke_by_jti(
        &self,
        account: Account,
        /// Value of the token's `jti` claim.
        jti: Path<Text>,
    ) -> Result<Reply<IssuedToken>> {
        respond::reply(account.sandbox.write(None, |tx| rules::revoke_by_jti(tx, &account.caller, &jti)))
    }

    /// Revoke a token by ID
    ///
    /// Requests that present the token are rejected from now on. Only the caller's own tokens can be revoked (otherwise
    /// 404).
    ///
    /// Returns the history entry of the revoked token.
    #[oai(path = "/jwt/history/id/:issued_token_id", method = "delete", operation_id = "revoke_jwt_by_id")]
    async fn revoke_by_id(
        &self,
        account: Account,
        /// Identifier of the history entry (`_id`).
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
    /// Signs the claims in the body with the secret of the project, as your own backend would. `iat` defaults to the
    /// current time and `exp` to five minutes from now. The token must represent a visitor: `sub` is `userexternal`,
    /// `guest`, or absent, and `_id` is not the identifier of an account. Visitors can sign only their own `_id`. A
    /// `role` claim can be at most the caller's own role and at most `admin`, or `user` if the caller is below
    /// administrator. A token that breaks these rules is rejected (403), and a project without a secret returns 404.
    ///
    /// Returns the signed token as a value for the `Authorization` header.
    #[oai(path = "/jwt/generatetestjwt", method = "post", operation_id = "generate_test_jwt")]
    async fn generate(&self, signer: Signer, body: Body<JsonObject>) -> Result<Reply<TestToken>> {
        rules::sign(&signer.scope, signer.actor.as_ref(), body.0).map(|token| Reply::of(&token))
    }

    /// Decode a custom token
    ///
    /// Decodes the token in the `Authorization` header. The token must be signed with the secret of the project and
    /// have an `exp` of at most 10 minutes after its `iat` (otherwise 401). A project without a secret returns 404.
    ///
    /// Returns the claims of the token.
    #[oai(path = "/jwt/decode", method = "post", operation_id = "decode_project_jwt")]
    async fn decode(&self, presenter: Presenter) -> Result<Reply<DecodedToken>> {
        let Presenter { scope, token } = &presenter;
        let decoded = scope.read(|state| rules::decode(&scope.sandbox, state, scope.project, token));
        decoded.map(|decoded| Reply::of(&decoded))
    }
}
