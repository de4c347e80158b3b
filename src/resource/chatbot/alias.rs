//! The second paths of chatbots and faqs. The reference server mounts one router under each pair.

use crate::http::{Alias, Aliases, Documented};

/// Both pairs.
pub(crate) struct Names;

impl Aliases for Names {
    const ALL: &'static [Alias] = &[
        Alias {
            name: "faq_kb",
            of: "bots",
            documented: &[
                documented("list_bots", "list_faq_kbs", "List bots (older path)", "Alias of `list_bots`."),
                documented("create_bot", "create_faq_kb", "Create a bot (older path)", "Alias of `create_bot`."),
                documented("get_bot", "get_faq_kb", "Get a bot (older path)", "Alias of `get_bot`."),
                documented("update_bot", "update_faq_kb", "Update a bot (older path)", "Alias of `update_bot`."),
                documented("delete_bot", "delete_faq_kb", "Delete a bot (older path)", "Alias of `delete_bot`."),
            ],
        },
        Alias { name: "intents", of: "faq", documented: &[] },
    ];
}

const fn documented(
    of: &'static str,
    id: &'static str,
    summary: &'static str,
    description: &'static str,
) -> Documented {
    Documented { of, id, summary, description }
}
