//! Asking a knowledge base.

use poem_openapi::OpenApi;

use super::{
    model::{AskedQuestion, KnowledgeAnswer, Pieces},
    rules::{self, Told},
};
use crate::{
    http::{AdminOrProgram, Body, Either, EventStream, Member, OneOf, Reply},
    resource::knowledge::Section,
    world::Result,
};

pub(crate) struct Asking;

#[OpenApi(tag = "Section::Questions")]
impl Asking {
    /// Ask a knowledge base
    ///
    /// Answers with the words of the indexed contents that share most words with the question, always the same way, and
    /// records the question as answered or unanswered. With `chunks_only` the pieces of text are answered instead, with
    /// `stream` the answer comes piece by piece.
    #[oai(path = "/kb/qa", method = "post", operation_id = "ask_knowledge_base")]
    async fn ask(
        &self,
        member: Member<AdminOrProgram>,
        body: Body<AskedQuestion>,
    ) -> Result<Either<Reply<OneOf<KnowledgeAnswer, Pieces>>, EventStream>> {
        member.scope.write(|tx| rules::ask(tx, body.0)).map(Either::from)
    }
}

impl From<Told> for Either<Reply<OneOf<KnowledgeAnswer, Pieces>>, EventStream> {
    fn from(told: Told) -> Self {
        match told {
            Told::Whole(answer) => Self::This(Reply::new(answer)),
            Told::Pieces(pieces) => Self::That(EventStream(pieces)),
        }
    }
}
