//! Topics: parsing their names.

use crate::{resource::project::document::Project, value::Id};

/// Maximum length of a topic's name in bytes.
const LONGEST: usize = 1_024;

/// A topic that clients can subscribe to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Topic<'a> {
    pub(super) name: &'a str,
    pub(super) project: Id<Project>,
    pub(super) place: Target<'a>,
}

/// The part of a project that a topic covers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Target<'a> {
    Requests,
    /// By `request_id`, like the other targets that belong to a request.
    Request(&'a str),
    Messages(&'a str),
    Teammate(&'a str),
    TeammateOfUser(&'a str),
    Bot(&'a str),
    /// Events posted by a member: all, or only those of one name.
    Events(&'a str, Option<&'a str>),
    /// Every topic with this prefix: `/PROJECT/*`, `/PROJECT/requests/*`.
    Beneath,
}

impl<'a> Topic<'a> {
    /// Returns `None` for an invalid name.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        if name.len() > LONGEST {
            return None;
        }
        let (project, rest) = name.strip_prefix('/')?.split_once('/')?;
        let segments: Vec<_> = rest.split('/').collect();
        let place = match segments[..] {
            ["requests"] => Target::Requests,
            [.., "*"] => Target::Beneath,
            ["requests", id] if !id.is_empty() => Target::Request(id),
            ["requests", id, "messages"] => Target::Messages(id),
            ["project_users", id] => Target::Teammate(id),
            ["project_users", "users", id] => Target::TeammateOfUser(id),
            ["bots", id] => Target::Bot(id),
            ["events", id] => Target::Events(id, None),
            ["events", id, name] => Target::Events(id, Some(name)),
            _ => return None,
        };
        Some(Self { name, project: Id::parse(project)?, place })
    }
}

/// The wildcards that match a name, longest first. The final star stands for one or more segments.
//
// Departs: A topic can end with `/*`, which matches everything below it; the reference server supports full names only.
pub(super) fn wildcards(name: &str) -> impl Iterator<Item = String> {
    let slashes = name.rmatch_indices('/').filter(|(at, _)| *at > 0);
    slashes.map(|(at, _)| format!("{}/*", &name[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_to_targets() {
        let place = |rest| Topic::parse(rest).map(|topic| topic.place);
        for (rest, expected) in [
            ("/5b55e806c93dde00143163dd/requests", Target::Requests),
            ("/5b55e806c93dde00143163dd/requests/support-1", Target::Request("support-1")),
            ("/5b55e806c93dde00143163dd/requests/support-1/messages", Target::Messages("support-1")),
            ("/5b55e806c93dde00143163dd/project_users/1", Target::Teammate("1")),
            ("/5b55e806c93dde00143163dd/project_users/users/1", Target::TeammateOfUser("1")),
            ("/5b55e806c93dde00143163dd/bots/1", Target::Bot("1")),
            ("/5b55e806c93dde00143163dd/events/1", Target::Events("1", None)),
            ("/5b55e806c93dde00143163dd/events/1/typing.start", Target::Events("1", Some("typing.start"))),
            ("/5b55e806c93dde00143163dd/*", Target::Beneath),
            ("/5b55e806c93dde00143163dd/events/*", Target::Beneath),
            ("/5b55e806c93dde00143163dd/requests/support-1/*", Target::Beneath),
        ] {
            assert_eq!(place(rest), Some(expected), "{rest}");
        }
        for rest in [
            "",
            "/",
            "*",
            "/*",
            "/*/requests",
            "/5b55e806c93dde00143163dd",
            "/5b55e806c93dde00143163dd/",
            "/5b55e806c93dde00143163dd/leads",
            "/5b55e806c93dde00143163dd/*/messages",
            "/5b55e806c93dde00143163dd/requests/",
            "/5b55e806c93dde00143163dd/requests/1/2",
            "/5b55e806c93dde00143163dd/events",
            "/5b55e806c93dde00143163dd/events/1/2/3",
            "5b55e806c93dde00143163dd/requests",
        ] {
            assert_eq!(place(rest), None, "{rest}");
        }
        assert_eq!(place(&format!("/5b55e806c93dde00143163dd/bots/{}", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn star_matches_one_or_more_segments() {
        assert_eq!(
            wildcards("/p/requests/1/messages").collect::<Vec<_>>(),
            ["/p/requests/1/*", "/p/requests/*", "/p/*"]
        );
        assert_eq!(wildcards("/p/requests").collect::<Vec<_>>(), ["/p/*"]);
        assert_eq!(wildcards("/p").count(), 0);
    }
}
