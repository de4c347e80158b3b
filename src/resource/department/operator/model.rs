//! What is asked of the choice of an operator, and what it answers.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    http::{Embedded, Populate, Populated},
    resource::{
        chatbot::model::Bot, department::model::Department, group::model::Group, project::model::Project,
        request::model::Request, team::model::Teammate,
    },
    world::{Id, Text},
};

/// Who is asked for.
#[derive(Object)]
pub(crate) struct OperatorFilter {
    /// Whatever the value, leaves the department's bot out.
    pub(crate) nobot: Option<Text>,
    /// `true` does not ask the subscribers of `operator.select`.
    #[oai(rename = "disableWebHookCall")]
    pub(crate) disable_webhook_call: Option<bool>,
}

/// Who could serve a conversation, and who gets it.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Operators {
    /// Who gets the conversation: nobody, or one.
    pub(crate) operators: Vec<Operator>,
    /// Bot of the department, when it answers.
    pub(crate) id_bot: Option<Id<Bot>>,
    /// Project of the department, unless its bot answers.
    pub(crate) id_project: Option<Id<Project>>,
    /// The user who served the latest request.
    #[oai(rename = "lastOperatorId")]
    #[serde(rename = "lastOperatorId")]
    pub(crate) last_operator_id: Option<Text>,
    /// Place of that user among the available agents; -1 when it is not one of them.
    #[oai(rename = "lastOperatorIndex")]
    #[serde(rename = "lastOperatorIndex")]
    pub(crate) last_operator_index: Option<i32>,
}

/// Who gets a conversation.
#[derive(Object, Serialize)]
pub(crate) struct Operator {
    /// Identifier of a user, or `bot_` and the identifier of a bot.
    pub(crate) id_user: Text,
}

impl Populate for Operators {
    const NAME: &'static str = "DepartmentOperators";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Department>("department", "The department."),
            Embedded::new::<Vec<Teammate>>("agents", "Everybody who could serve the conversation."),
            Embedded::new::<Vec<Teammate>>("available_agents", "Those of them who are available now."),
            Embedded::new::<Vec<Group>>("group", "The group of the department."),
            Embedded::new::<Populated<Project>>("project", "The project."),
            Embedded::new::<Populated<Request>>("lastRequest", "The request that was served last."),
        ]
    }
}
