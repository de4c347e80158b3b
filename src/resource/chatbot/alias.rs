//! Legacy paths of chatbots and FAQs. The reference server mounts each router under two paths.

use crate::http::{Alias, Aliases, Documented};

/// The aliases of `/bots` and `/faq`.
pub(crate) struct Names;

impl Aliases for Names {
    const ALL: &'static [Alias] = &[
        Alias {
            name: "faq_kb",
            of: "bots",
            documented: &[
                documented(
                    "list_bots",
                    "list_faq_kbs",
                    "List bots (legacy path)",
                    "Alias of `list_bots`.\n\nReturns the bots, oldest first.",
                ),
                documented(
                    "create_bot",
                    "create_faq_kb",
                    "Create a bot (legacy path)",
                    "Alias of `create_bot`.\n\nReturns the created bot with its secret.",
                ),
                documented(
                    "get_bot",
                    "get_faq_kb",
                    "Get a bot (legacy path)",
                    "Alias of `get_bot`.\n\nReturns the bot.",
                ),
                documented(
                    "update_bot",
                    "update_faq_kb",
                    "Update a bot (legacy path)",
                    "Alias of `update_bot`.\n\nReturns the updated bot.",
                ),
                documented(
                    "delete_bot",
                    "delete_faq_kb",
                    "Delete a bot (legacy path)",
                    "Alias of `delete_bot`.\n\nReturns the deleted bot.",
                ),
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
